"""Frozen test sets: pictures and their drawings in a folder; `python -m train freeze_testset` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .errors import EvaluationError

CREDITS, MANIFEST = "credits.csv", "manifest.csv"
PAIRS = 48  # enough for intervals; every painter paints each of them three times


def artist_of(path: Path) -> str:
    """What a split must not separate: the file name up to the first underscore (artist_title.jpg), else all of it."""
    return path.stem.split("_")[0].lower()


@dataclass(frozen=True)
class EvaluationSet:
    """names, groups: N strings each (group = artist, for the bootstrap's sake). pictures (N,S,S,3) uint8; inks (N,S,S)
    float32 in [0,1], 1 = ink. source: where the inks come from, in words."""

    names: tuple[str, ...]
    groups: tuple[str, ...]
    pictures: np.ndarray
    inks: np.ndarray
    source: str = ""

    def __len__(self) -> int:
        return len(self.names)

    def first(self, count: int | None) -> EvaluationSet:
        """The first `count` of them, or all."""
        n = slice(count)
        return EvaluationSet(self.names[n], self.groups[n], self.pictures[n], self.inks[n], self.source)


def load_testset(folder: str | Path) -> EvaluationSet:
    """Read NAME.jpg (the picture) and NAME.png (its drawing, black on white). `EvaluationError` where they do not
    fit."""
    folder = Path(folder)
    paths = sorted(folder.glob("*.jpg"))
    if not paths:
        raise EvaluationError(
            f"{folder} holds no test set (NAME.jpg, NAME.png): make one with `python -m train freeze_testset`"
        )
    pictures, inks = [], []
    for path in paths:
        drawing = path.with_suffix(".png")
        if not drawing.is_file():
            raise EvaluationError(f"{path} has no drawing {drawing.name} beside it")
        pictures.append(np.asarray(Image.open(path).convert("RGB")))
        inks.append(1 - np.asarray(Image.open(drawing).convert("L"), np.float32) / 255)
        if pictures[-1].shape != pictures[0].shape or inks[-1].shape != pictures[0].shape[:2]:
            raise EvaluationError(f"{path} and its drawing must have the size of the others, {pictures[0].shape[:2]}")
    names = tuple(p.stem for p in paths)
    groups = tuple(artist_of(p) for p in paths)
    return EvaluationSet(names, groups, np.stack(pictures), np.stack(inks), folder.name)


def save_testset(testset: EvaluationSet, folder: Path, quality: int = 88) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture, ink in zip(testset.names, testset.pictures, testset.inks, strict=True):
        Image.fromarray(picture).save(folder / f"{name}.jpg", quality=quality, optimize=True)
        # Sixteen greys are enough for a pen's soft edge, and half the size.
        grey = (255 - np.round(ink * 15) * 17).astype(np.uint8)
        Image.fromarray(grey).quantize(16, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)


def from_pairs(folder: str | Path, size: int = 256, count: int | None = PAIRS) -> EvaluationSet:
    """Genuine pairs as `python -m train recipes openmoji` lays them out: black/NAME.png and color/NAME.png.

    count: that many, evenly spread over the names, which come sorted by subject; None takes all of them.
    """
    from s2i.imaging.ink import resize_ink
    from s2i.imaging.layouts import image_to_uint8
    from s2i.imaging.picture_files import load_image, load_ink
    from s2i.imaging.sizes import resize_area

    folder = Path(folder)
    drawings = sorted((folder / "black").glob("*.png"))
    if not drawings:
        raise EvaluationError(f"{folder} has no pairs: make them with `python -m train recipes openmoji {folder}`")
    if count and count < len(drawings):
        drawings = [drawings[i] for i in np.linspace(0, len(drawings) - 1, count).round().astype(int)]
    inks = [resize_ink(load_ink(p), (size, size))[0, 0].numpy() for p in drawings]
    pictures = [image_to_uint8(resize_area(load_image(folder / "color" / p.name), (size, size))) for p in drawings]
    names = tuple(p.stem for p in drawings)
    return EvaluationSet(names, names, np.stack(pictures), np.stack(inks), "OpenMoji's own line drawings")
