"""Pictures and drawings that a run never trains on, painted for its previews."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..data.pen_inks import pen_field, pen_ink
from .painter_network import PainterNetwork

_SHIFTS = (3, 4)  # by which other references are taken


@dataclass(frozen=True)
class HeldOut:
    """image, reference (N,3,S,S) in [-1,1]: two parts of each of N pictures; drawing (N,1,S,S): inks that nobody
    painted, or None."""

    image: Tensor
    reference: Tensor
    drawing: Tensor | None

    def sheet(self, generator: PainterNetwork, trunk: nn.Module, extractor: nn.Module, device: torch.device) -> Tensor:
        """(3,H,W) in [-1,1]. Rows: pictures, their inks, references, painted; other references, painted; drawings,
        painted after two references each."""
        image, reference = self.image.to(device), self.reference.to(device)
        ink = self._ink(image, extractor)
        paint = lambda ink, reference: generator(  # noqa: E731
            ink, reference, generator.facts(ink), None, trunk(reference), None).draft
        other = reference.roll(_SHIFTS[0], 0)
        rows = [image, _as_image(ink), reference, paint(ink, reference), other, paint(ink, other)]
        if self.drawing is not None:
            drawing = self.drawing.to(device)
            rows += [_as_image(drawing), paint(drawing, image), paint(drawing, image.roll(_SHIFTS[1], 0))]
        return torch.cat([torch.cat(list(row.float().cpu().clamp(-1, 1)), 2) for row in rows], 1)

    @staticmethod
    def _ink(image: Tensor, extractor: nn.Module) -> Tensor:
        variants = extractor.code.in_features
        variant = torch.zeros(len(image), variants, device=image.device)
        variant[:, variants // 2] = 1
        whole = torch.tensor([1.0, torch.inf, 1.0], device=image.device).expand(len(image), 3)  # no gaps, full pressure
        with torch.autocast(image.device.type, enabled=False):
            logits = pen_field(extractor, image, variant)
            return pen_ink(logits, whole, torch.zeros(len(image), 1, 6, 6, device=image.device))


def _as_image(ink: Tensor) -> Tensor:
    """Ink -> black lines on white, (N,3,S,S) in [-1,1]."""
    return (1 - 2 * ink).expand(-1, 3, -1, -1)
