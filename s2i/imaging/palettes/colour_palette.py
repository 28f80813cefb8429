"""A few colours that stand for a picture: found, edited, locked, kept as a file, and given to a style.

As text a palette is "#2b1d14 30%, #c8553d! 70%": the share of the picture may be left out, and "!" locks a colour, so
that finding colours anew keeps it. As a file it is a GIMP palette (.gpl), which painting programs read.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ...errors import S2IError
from ...machine.atomic_file import atomic_file
from ..pixels.sizes import resize_area
from .palette_entries import HEAD, MOST, PaletteEntries, parse_entries, read_entries
from .reference_palette import symmetric_root

_SIDE, _ROUNDS = 96, 24  # of the small copy whose pixels are grouped


@dataclass(frozen=True, eq=False)
class Palette:
    """colours (N,3) in [0,1], shares (N,) summing to one, locked: N flags."""

    colours: Tensor
    shares: Tensor
    locked: tuple[bool, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.colours) <= MOST:
            raise S2IError(f"a palette has 1 to {MOST} colours, this one {len(self.colours)}")

    def text(self) -> str:
        rows = zip(self.hexes(), self.locked, self.shares.tolist(), strict=True)
        return ", ".join(f"{colour}{'!' if lock else ''} {100 * share:.3g}%" for colour, lock, share in rows)

    def hexes(self) -> list[str]:
        return ["#" + bytes(c).hex() for c in (self.colours * 255).round().int().tolist()]

    def moments(self) -> tuple[Tensor, Tensor]:
        """Mean (1,3) and root (1,3,3) of the colours in [-1,1], as a style keeps them."""
        colours = self.colours * 2 - 1
        mean = (colours * self.shares[:, None]).sum(0)
        centred = colours - mean
        covariance = torch.einsum("ni,nj->ij", centred * self.shares[:, None], centred)
        return mean[None], symmetric_root(covariance[None])

    def swatch(self, height: int = 96, width: int = 768) -> Tensor:
        """(1,3,height,width) in [-1,1]: the colours side by side, each as wide as its share, none too narrow to see."""
        widths = (self.shares.clamp_min(0.04) / self.shares.clamp_min(0.04).sum()).cumsum(0)
        at = (torch.arange(width) + 0.5) / width
        index = (at[:, None] > widths[None, :-1]).sum(1)
        return (self.colours[index].T[None, :, None] * 2 - 1).expand(1, 3, height, width).contiguous()


def parse_palette(text: str) -> Palette:
    """The reverse of `Palette.text`; shares are made to sum to one. Raises `S2IError` naming what is not a colour."""
    return _palette(parse_entries(text))


def _palette(entries: PaletteEntries) -> Palette:
    return Palette(torch.tensor(entries.colours), torch.tensor(entries.shares), entries.locked)


def find_palette(image: Tensor, count: int, keep: Palette | None = None) -> Palette:
    """image (1,3,H,W) in [-1,1] -> its `count` main colours, dark to light; the locked ones of `keep` stay as they are.

    k-means (Lloyd 1982) from the farthest colours on, so that the same picture gives the same palette.
    """
    if not 2 <= count <= MOST:
        raise S2IError(f"a palette of a picture has 2 to {MOST} colours, asked for {count}")
    h, w = image.shape[-2:]
    shrink = min(1.0, _SIDE / max(h, w))
    small = resize_area(image[:1].float(), (max(1, round(h * shrink)), max(1, round(w * shrink))))
    pixels = (small[0].flatten(1).T * 0.5 + 0.5).clamp(0, 1)
    fixed = pixels[:0] if keep is None else keep.colours[torch.tensor(keep.locked, dtype=torch.bool)][:count]
    centres = fixed if len(fixed) else pixels.mean(0, keepdim=True)
    while len(centres) < count:
        farthest = torch.cdist(pixels, centres).amin(1).argmax()
        centres = torch.cat([centres, pixels[farthest, None]])
    for _ in range(_ROUNDS):
        nearest = torch.cdist(pixels, centres).argmin(1)
        sums = torch.zeros_like(centres).index_add_(0, nearest, pixels)
        counts = torch.bincount(nearest, minlength=count)[:, None]
        moved = torch.where(counts > 0, sums / counts.clamp_min(1), centres)
        moved[: len(fixed)] = fixed
        if torch.equal(moved, centres):
            break
        centres = moved
    shares = torch.bincount(torch.cdist(pixels, centres).argmin(1), minlength=count).float() / len(pixels)
    order = (centres * torch.tensor([0.299, 0.587, 0.114])).sum(1).argsort()
    locked = [i < len(fixed) for i in range(count)]
    return Palette(centres[order], shares[order], tuple(locked[i] for i in order.tolist()))


def save_palette(palette: Palette, path: str | os.PathLike[str]) -> None:
    """Write a GIMP palette, whole or not at all; shares and locks stand in the colours' names."""
    path = Path(path)
    rows = [HEAD, f"Name: {path.stem}", f"Columns: {len(palette.colours)}", "#"]
    for colour, name in zip((palette.colours * 255).round().int().tolist(), palette.text().split(", "), strict=True):
        rows.append("{:3d} {:3d} {:3d}\t{}".format(*colour, name))
    with atomic_file(path) as temporary:
        temporary.write_text("\n".join(rows) + "\n", encoding="utf-8")


def load_palette(path: str | os.PathLike[str]) -> Palette:
    """Read any GIMP palette of 1 to 16 colours; without shares, all count the same."""
    return _palette(read_entries(path))
