"""A batch with its inks drawn: what one step of the painter works on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..data.painter_samples import Role
from ..data.pen_inks import pen_field, pen_ink
from ..losses.outlines import outlines


@dataclass(frozen=True)
class Scene:
    """image, reference (B,3,S,S); ink, partner_ink (B,1,S,S): what is painted from, and what belongs to `image`; hints
    (B,4,S,S); shown (B,1,1,1), 1 where a discriminator sees the ink.

    field (B,1,S,S) in [0,1]: where a sketch of the painting should find lines. variant (B,V): how that sketch is drawn.
    own, unpaired, drawing: places in the batch by role; painted: those that are not drawings.
    """

    image: Tensor
    reference: Tensor
    ink: Tensor
    partner_ink: Tensor
    hints: Tensor
    shown: Tensor
    field: Tensor
    variant: Tensor
    own: Tensor
    unpaired: Tensor
    drawing: Tensor
    painted: Tensor

    @property
    def is_drawing(self) -> Tensor:
        """(B,), 1 for drawings."""
        return torch.zeros(len(self.image), device=self.image.device).index_fill(0, self.drawing, 1.0)


@torch.no_grad()
def draw_scene(batch: dict[str, Tensor], extractor: nn.Module, in_pairs: bool = False) -> Scene:
    """A batch of `PainterSampleMaker` -> its scene: the frozen extractor draws what is not inked yet, in float32.
    in_pairs: every second drawing takes the reference of the one before it."""
    role, reference = batch["role"], batch["reference"]
    own, unpaired, drawing = (torch.nonzero(role == r).flatten() for r in Role)
    painted = torch.nonzero(role != Role.DRAWING).flatten()
    if in_pairs:
        second = drawing[1::2]
        reference = reference.index_copy(0, second, reference[drawing[0::2][: len(second)]])
    with torch.autocast(batch["image"].device.type, enabled=False):
        logits = pen_field(extractor, batch["image"][painted], batch["variant"][painted])
        drawn = pen_ink(logits, batch["pen"][painted], batch["gaps"][painted])
    extracted = batch["extracted"][painted].view(-1, 1, 1, 1)
    drawn = drawn * extracted + batch["partner_ink"][painted] * (1 - extracted)
    field = F.avg_pool2d(outlines(batch["ink"]), 3, 1, 1)  # a drawing's own, about as wide as the extractor's field
    return Scene(
        image=batch["image"],
        reference=reference,
        ink=batch["ink"].index_copy(0, painted, drawn),
        partner_ink=batch["partner_ink"].index_copy(0, painted, drawn),
        hints=batch["hints"],
        shown=batch["shown"].view(-1, 1, 1, 1),
        field=field.index_copy(0, painted, torch.sigmoid(logits)),
        variant=batch["variant"],
        own=own,
        unpaired=unpaired,
        drawing=drawing,
        painted=painted,
    )
