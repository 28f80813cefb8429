"""The results sheet: `python -m evaluation sizes`, test drawings after own and foreign references at three sizes.

Every tile has the same number of pixels, shown one to one: the whole picture at the smallest size, its middle at the
larger ones, so that composition and brushwork can both be judged.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from evaluation.testsets import EvaluationSet, load_testset
from s2i.cli.run_command import run_command
from s2i.imaging.layouts import image_to_uint8, uint8_to_image
from s2i.pipeline import SketchToImage

from .plots import figure_of, save_figure, show_drawing, show_tile

FOREIGN = 4

ROOT = Path(__file__).parents[1]


def middle(picture: np.ndarray, side: int) -> np.ndarray:
    """The middle (side,side) of (H,W,3), all of it where it is no larger."""
    top, left = (max(0, (n - side) // 2) for n in picture.shape[:2])
    return picture[top : top + side, left : left + side]


def size_sheet(
    model: SketchToImage, testset: EvaluationSet, path: Path, drawings: Sequence[int], sizes: Sequence[int]
) -> None:
    """Rows: every drawing at every size. Columns: drawing, own reference, that painted, four foreign ones painted."""
    tile, columns = min(sizes), 3 + FOREIGN
    figure, axes = figure_of(1.6 * columns, 1.6 * len(drawings) * len(sizes), len(drawings) * len(sizes), columns)
    for d, i in enumerate(drawings):
        ink = torch.from_numpy(testset.inks[i])[None, None]
        step = max(1, len(testset) // (FOREIGN + 1))
        references = [i, *((i + step * k) % len(testset) for k in range(1, FOREIGN + 1))]
        for s, size in enumerate(sizes):
            row = axes[d * len(sizes) + s]
            show_tile(row[0], show_drawing(testset.inks[i]) if not s else None, "drawing" if not d and not s else "")
            show_tile(row[1], testset.pictures[i] if not s else None, "its painting" if not d and not s else "")
            for c, j in enumerate(references, 2):
                picture = image_to_uint8(model(ink, uint8_to_image(testset.pictures[j]), size=(size, size)))
                title = f"{size}², {'own reference' if c == 2 else 'foreign'}" if c < 4 else ""
                show_tile(row[c], middle(picture, tile), title)
    save_figure(figure, path)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evaluation sizes", description=__doc__)
    parser.add_argument("--bundle", help="the bundled model by default")
    parser.add_argument("--testset", type=Path, default=ROOT / "evaluation" / "testset" / "test")
    parser.add_argument("--drawings", type=int, nargs="+", default=[1, 9, 17])
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--plot", type=Path, default=ROOT / "docs" / "results.jpg")
    arguments = parser.parse_args()
    model, testset = SketchToImage.from_pretrained(arguments.bundle), load_testset(arguments.testset)
    size_sheet(model, testset, arguments.plot, arguments.drawings, arguments.sizes)
    print(arguments.plot)


if __name__ == "__main__":
    run_command(main)
