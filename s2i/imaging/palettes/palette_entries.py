"""A palette's colours as text and as a GIMP palette (.gpl), in plain numbers: what needs no torch."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ...errors import S2IError

HEAD = "GIMP Palette"
MOST = 16
_ENTRY = re.compile(r"(#[0-9a-fA-F]{6})\s*(!)?\s*(?:(\d+(?:\.\d+)?)\s*%)?\s*(!)?")


@dataclass(frozen=True)
class PaletteEntries:
    """colours: N triples of 0..1; shares: N numbers that sum to one; locked: N flags."""

    colours: tuple[tuple[float, float, float], ...]
    shares: tuple[float, ...]
    locked: tuple[bool, ...]

    def __post_init__(self) -> None:
        _check_count(len(self.colours), "a palette")


def parse_entries(text: str) -> PaletteEntries:
    """"#2b1d14 30%, #c8553d!" -> its colours; those without a share count as a typical one.

    Raises `S2IError` naming what is not a colour.
    """
    colours, given, locked = [], [], []
    for entry in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
        match = _ENTRY.fullmatch(entry)
        if not match:
            raise S2IError(f"{entry!r} is not a palette's colour: write them like #2b1d14 30%, #c8553d!")
        colours.append(tuple(c / 255 for c in bytes.fromhex(match[1][1:])))
        locked.append(bool(match[2] or match[4]))
        given.append(float(match[3]) if match[3] else None)
    _check_count(len(colours), "a palette")
    known = [share for share in given if share is not None]
    typical = sum(known) / len(known) if known else 1.0
    weights = [typical if share is None else share for share in given]
    total = sum(weights)
    if not 0 < total < math.inf:
        raise S2IError("the shares of the palette's colours are all 0, or beyond all numbers")
    return PaletteEntries(tuple(colours), tuple(w / total for w in weights), tuple(locked))


def _check_count(count: int, what: str) -> None:
    if not 1 <= count <= MOST:
        raise S2IError(f"{what} has 1 to {MOST} colours, this one {count}")


def read_entries(path: str | os.PathLike[str]) -> PaletteEntries:
    """Read any GIMP palette of 1 to 16 colours; without shares, all count the same."""
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise S2IError(f"the palette {path} cannot be read ({error.strerror}): choose another file") from None
    if not lines or lines[0].strip() != HEAD:
        raise S2IError(f"{path} is not a GIMP palette: its first line must be {HEAD!r}")
    entries = []
    for line in lines[1:]:
        match = re.match(r"\s*(\d+)\s+(\d+)\s+(\d+)\s*(.*)", line)
        if not match or any(int(match[i]) > 255 for i in (1, 2, 3)):
            continue
        named = _ENTRY.fullmatch(match[4].strip())
        colour = "#" + bytes(int(match[i]) for i in (1, 2, 3)).hex()
        share = f" {named[3]}%" if named and named[3] else ""
        entries.append(colour + ("!" if named and (named[2] or named[4]) else "") + share)
    _check_count(len(entries), f"{path} is no palette to paint with: one")
    return parse_entries(", ".join(entries))
