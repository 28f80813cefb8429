"""A batch with its drafts painted and its inks drawn: what one step of the refiner works on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from s2i.imaging.ink.ink import resize_ink

from ..data.degradation import Degradation
from ..data.pen_inks import pen_field, pen_ink
from .painter_network import PainterNetwork


@dataclass(frozen=True)
class RefinerScene:
    """N crops of real pictures, and beside them as many crops of painted drafts, in this order: 2N in all.

    draft (2N,3,S/2,S/2), ink (2N,1,S,S), style (2N,D): what is refined; of the first N, `image` (N,3,S,S) is the
    answer, of the others, crops of the pictures that they are painted after. partner_ink (N,1,S,S) belongs to `image`.
    shown (N,1,1,1): 1 where a discriminator sees the ink. crops: how many in a row share a picture.
    """

    draft: Tensor
    ink: Tensor
    style: Tensor
    image: Tensor
    partner_ink: Tensor
    shown: Tensor
    crops: int


@dataclass(frozen=True)
class Drafts:
    """Whole drafts (B,3,h,w), the ink at twice their size (B,1,2h,2w), and the style that they were painted in."""

    image: Tensor
    ink: Tensor
    style: Tensor


@torch.no_grad()
def paint_drafts(batch: dict[str, Tensor], painter: PainterNetwork, trunk: nn.Module, noise: Tensor | None) -> Drafts:
    """The frozen painter's drafts of a batch's drawings, after references to which they do not belong.

    The drawing is shrunk by the pipeline's own rule. noise (B,N): the painter's `noise_size` numbers a picture.
    """
    reference, drawing = batch["reference"], batch["drawing"]
    size = reference.shape[-1]
    ink = resize_ink(drawing, (size, size))
    painting = painter(ink, reference, painter.facts(ink), None, trunk(reference), noise)
    return Drafts(painting.draft.float().clamp(-1, 1), resize_ink(drawing, (2 * size, 2 * size)), painting.vector)


@torch.no_grad()
def draw_scene(
    batch: dict[str, Tensor], drafts: Drafts, extractor: nn.Module, degradation: Degradation, generator: torch.Generator
) -> RefinerScene:
    """A batch of `RefinerSampleMaker` and its drafts -> the scene; the extractor draws what is not inked yet."""
    crops, (image, ink) = batch["image"].shape[1], (batch[name].flatten(0, 1) for name in ("image", "xdog"))
    with torch.autocast(image.device.type, enabled=False):
        logits = pen_field(extractor, image, batch["variant"].flatten(0, 1))
        drawn = pen_ink(logits, batch["pen"].flatten(0, 1), batch["gaps"].flatten(0, 1))
    extracted = batch["extracted"].view(-1, 1, 1, 1)
    ink = drawn * extracted + ink * (1 - extracted)
    parts, part_inks = windows(drafts, batch["places"], image.shape[-1] // 2)
    return RefinerScene(
        draft=torch.cat([degradation(image, generator), parts]),
        ink=torch.cat([ink, part_inks]),
        style=drafts.style.repeat_interleave(crops, 0).repeat(2, 1),
        image=image,
        partner_ink=ink,
        shown=batch["shown"].view(-1, 1, 1, 1),
        crops=crops,
    )


def windows(drafts: Drafts, places: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """places (B,C,2) in [0,1) -> B * C windows of the drafts, (3,side,side) each, and of the ink, (1,2 side,2 side)."""
    room = torch.tensor(drafts.image.shape[-2:], device=places.device) - side + 1
    images, inks = [], []
    for draft, ink, corners in zip(drafts.image, drafts.ink, (places * room).long().tolist(), strict=True):
        for top, left in corners:
            images.append(draft[:, top : top + side, left : left + side])
            inks.append(ink[:, 2 * top : 2 * (top + side), 2 * left : 2 * (left + side)])
    return torch.stack(images), torch.stack(inks)
