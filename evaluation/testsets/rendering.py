"""A test set's pictures and drawings as arrays, rendered from the data folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from s2i.imaging.edges.xdog import xdog
from s2i.imaging.files.open_picture import open_picture
from s2i.imaging.ink.ink import resize_ink, to_ink
from s2i.imaging.pixels.layouts import uint8_to_image
from s2i.pipeline import SketchToImage

from ..errors import EvaluationError
from .selection import Crop, Selection

SIZE = 256


@dataclass(frozen=True)
class TestSet:
    """pictures (N,S,S,3) uint8 real pictures; books, folds (N,). drawn (D,): numbers of those that have a drawing;
    inks (D,S,S) float32 in [0,1], 1 = ink. drawings, doodles (K,S,S): artists' and TU-Berlin's, without a picture."""

    __test__ = False  # pytest would take it for a test

    split: str
    pictures: np.ndarray
    books: np.ndarray
    folds: np.ndarray
    drawn: np.ndarray
    inks: np.ndarray
    drawings: np.ndarray
    doodles: np.ndarray


def render(selection: Selection, data: Path, count: int | None = None, size: int = SIZE) -> TestSet:
    """Cut, shrink and ink everything. count: drawn pictures at most (their number shortens the other lists alike).

    Pens are the bundled extractor and XDoG, whatever model is under test. Raises `EvaluationError` naming a file that
    is not in the folder.
    """
    pictures = np.stack([_picture(c, data, size) for c in selection.pictures])
    drawn = np.flatnonzero([c.pen is not None for c in selection.pictures])
    share = 1.0 if count is None else min(1.0, count / len(drawn))
    drawn = drawn[_evenly(len(drawn), share)]
    pens = [selection.pictures[i].pen for i in drawn]
    return TestSet(
        selection.split,
        pictures,
        np.array([c.book for c in selection.pictures]),
        np.array([c.fold for c in selection.pictures]),
        drawn,
        _inks(pictures[drawn], pens),
        *(_drawings([crops[i] for i in _evenly(len(crops), share)], data, size)
          for crops in (selection.drawings, selection.doodles)),
    )


def _evenly(count: int, share: float) -> np.ndarray:
    return np.linspace(0, count - 1, max(1, round(count * share))).round().astype(int)


def _picture(crop: Crop, data: Path, size: int) -> np.ndarray:
    return np.asarray(cut(crop, data).resize((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0))


def cut(crop: Crop, data: Path) -> Image.Image:
    """The crop at the file's own resolution, RGB. Raises `EvaluationError` where the file is not in the folder."""
    path = data / crop.file
    if not path.is_file():
        raise EvaluationError(f"{path}: the test set needs this file; does {data} hold plates, paintings and sketches?")
    left, top, side = crop.box
    with open_picture(path) as file:
        return file.convert("RGB").crop((left, top, left + side, top + side))


def _drawings(crops: Sequence[Crop], data: Path, size: int) -> np.ndarray:
    inks = []
    for crop in crops:
        paper = uint8_to_image(np.asarray(cut(crop, data)))
        inks.append(resize_ink(to_ink(paper, "dark_lines"), (size, size))[0, 0].numpy())
    return np.stack(inks)


def _inks(pictures: np.ndarray, pens: Sequence[tuple[str, float, float]]) -> np.ndarray:
    extractor = SketchToImage.from_pretrained()
    inks = []
    for picture, (kind, first, second) in zip(pictures, pens, strict=True):
        image = uint8_to_image(picture)
        ink = extractor.extract_sketch(image, first, second) if kind == "extractor" else _xdog(image, first, second)
        inks.append(ink[0, 0].float().numpy())
    return np.stack(inks)


def _xdog(image: torch.Tensor, sigma: float, share: float) -> torch.Tensor:
    """XDoG's ink with the threshold at which it covers `share` of the picture, found by halving."""
    low, high = -1.0, 2.0
    for _ in range(20):
        middle = (low + high) / 2
        covered = float(xdog(image, sigma=sigma, epsilon=middle).mean())
        low, high = (middle, high) if covered < share else (low, middle)
    return xdog(image, sigma=sigma, epsilon=high)
