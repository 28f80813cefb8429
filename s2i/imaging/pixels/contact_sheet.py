"""Contact sheets: contents down, styles across."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import S2IError
from .sizes import resize_area


def fit_tile(image: Tensor, tile: int) -> Tensor:
    """(1,3,H,W) -> (1,3,tile,tile): the whole picture, centred on white."""
    h, w = image.shape[-2:]
    scale = tile / max(h, w)
    size = (max(1, round(h * scale)), max(1, round(w * scale)))
    small = resize_area(image, size)
    top, left = (tile - size[0]) // 2, (tile - size[1]) // 2
    return F.pad(small, (left, tile - size[1] - left, top, tile - size[0] - top), value=1.0)


def contact_sheet(rows: Sequence[Sequence[Tensor | None]], tile: int = 256, gap: int = 4) -> Tensor:
    """Rows of images (1,3,h,w) in [-1,1], None = blank -> (1,3,H,W), white between them."""
    if not rows or len({len(row) for row in rows}) != 1:
        raise S2IError("a contact sheet needs rows of equal length")
    blank = torch.ones(1, 3, tile, tile)
    lines = []
    for row in rows:
        tiles = [blank if cell is None else fit_tile(cell.float().cpu(), tile) for cell in row]
        lines.append(torch.cat([F.pad(t, (0, gap, 0, gap), value=1.0) for t in tiles], 3))
    return torch.cat(lines, 2)[..., :-gap, :-gap]
