"""The reference itself, with the drawing's lines over it."""

from __future__ import annotations

from torch import Tensor

from s2i.imaging.ink.lines import lay_lines
from s2i.imaging.pixels.sizes import resize_area


def reference_under_ink(ink: Tensor, reference: Tensor) -> Tensor:
    """Cheats on style and realism: it is a real picture, of something else."""
    return lay_lines(resize_area(reference, tuple(ink.shape[-2:])), ink, 1.0, (0.0, 0.0, 0.0))
