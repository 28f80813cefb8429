"""Drawings that nobody painted: artists' inks and quick hand sketches."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from numpy.random import Generator
from torch import Tensor

from s2i.errors import S2IError
from s2i.imaging.files.picture_files import load_ink
from s2i.imaging.ink.ink import resize_ink

from ..errors import TrainError
from .picture_table import Box

logger = logging.getLogger(__name__)

_SCALE = (0.6, 1.0)  # side of a crop, as a share of the drawing's short side


class UnpairedDrawings:
    """Two kinds of drawing, files of black on white, and how often the second is taken.

    artists: ink drawings for print. doodles: sparse strokes of one weight. crops: the part of a file that is drawing,
    where the rest is lettering. Files are read when first needed and kept.
    """

    def __init__(
        self,
        artists: Sequence[Path],
        doodles: Sequence[Path] = (),
        doodle_share: float = 0.4,
        crops: Mapping[Path, Box] | None = None,
    ) -> None:
        self.artists, self.doodles, self.doodle_share = tuple(artists), tuple(doodles), doodle_share
        self._crops = dict(crops or {})
        self._inks: dict[Path, Tensor | None] = {}

    def __len__(self) -> int:
        return len(self.artists) + len(self.doodles)

    def crop(self, rng: Generator, size: int) -> Tensor:
        """A random square of a random drawing -> ink (1,size,size) in [0,1], mirrored half of the time."""
        doodle = self.doodles and (not self.artists or rng.random() < self.doodle_share)
        kind = self.doodles if doodle else self.artists
        ink = self._from(kind, int(rng.integers(len(kind))))
        short = min(ink.shape[-2:])
        side = max(1, round(short * rng.uniform(*_SCALE)))
        top, left = (int(rng.integers(0, length - side + 1)) for length in ink.shape[-2:])
        return shrunk_square(ink, top, left, side, size, mirrored=rng.random() < 0.5)

    def _from(self, kind: Sequence[Path], number: int) -> Tensor:
        """The drawing of that number, or the next one that can be learned from: a bad file does not end a run."""
        for step in range(len(kind)):
            ink = self._ink(kind[(number + step) % len(kind)])
            if ink is not None:
                return ink
        raise TrainError(f"none of {len(kind)} drawings can be learned from; the first is {kind[0]}")

    def _ink(self, path: Path) -> Tensor | None:
        if path not in self._inks:
            try:
                self._inks[path] = (drawing_ink(path, self._crops.get(path)) * 255).round().byte()
            except TrainError as error:
                logger.warning("%s: skipped", error)
                self._inks[path] = None
        return self._inks[path]


def drawing_ink(path: Path, crop: Box | None = None) -> Tensor:
    """A picture file, or a part of it -> ink (1,H,W) in [0,1], by the pipeline's own reader.

    Raises `TrainError` where the file cannot be read or has no lines.
    """
    try:
        ink = load_ink(path)[0]
    except S2IError as error:
        raise TrainError(f"the drawing cannot be learned from: {error}") from error
    if crop is None:
        return ink
    left, top, right, bottom = crop
    return ink[:, top:bottom, left:right]


def shrunk_square(ink: Tensor, top: int, left: int, side: int, size: int, mirrored: bool = False) -> Tensor:
    """ink (1,H,W) uint8 -> a square of it (1,size,size) in [0,1], shrunk by the pipeline's own rule."""
    square = ink[None, :, top : top + side, left : left + side].float() / 255
    square = resize_ink(square, (size, size))[0]
    return square.flip(2) if mirrored else square
