"""A large picture a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_PIXELS = 1 << 20


def strips(picture: Picture, factor: int = 1) -> Iterator[Picture]:
    """The picture from top to bottom, about a million pixels and a multiple of `factor` rows at a time."""
    w, h = picture.size
    rows = max(1, _PIXELS // w // factor) * factor
    for top in range(0, h, rows):
        yield picture.crop((0, top, w, min(h, top + rows)))
