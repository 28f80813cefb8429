"""`python -m evaluation sheet --data DIR`: artists' drawings and doodles down, references across, as users get them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from s2i.imaging.ink.ink import to_ink
from s2i.imaging.pixels.contact_sheet import contact_sheet
from s2i.imaging.pixels.layouts import image_to_uint8, uint8_to_image
from s2i.pipeline import SketchToImage

from ..rows import OURS
from ..testsets.rendering import cut
from ..testsets.selection import Crop, Selection, load_selection

_BANNER = 24


def pick(selection: Selection, drawings: int, doodles: int, references: int) -> tuple[list[Crop], list[Crop]]:
    """(drawings and doodles, references), evenly over the committed lists; references are of different books."""
    inked = [c for c in selection.pictures if c.pen is not None]
    one_per_book = list({c.book: c for c in inked}.values())
    rows = [*_evenly(selection.drawings, drawings), *_evenly(selection.doodles, doodles)]
    return rows, _evenly(one_per_book, references)


def _evenly(crops: list[Crop] | tuple[Crop, ...], count: int) -> list[Crop]:
    count = min(count, len(crops))
    return [crops[i] for i in np.linspace(0, len(crops) - 1, count).round().astype(int)]


def paint_sheet(model: SketchToImage, inks: list[Tensor], references: list[Tensor], size: int, tile: int) -> np.ndarray:
    """inks (1,1,h,w), references (1,3,h,w) -> (H,W,3) uint8; every cell is painted at size² and shown at tile²."""
    rows: list[list[Tensor | None]] = [[None, *references]]
    for ink in inks:
        painted = [model(ink, reference, size=(size, size), seed=0) for reference in references]
        rows.append([(1 - 2 * ink).expand(-1, 3, -1, -1), *painted])
    return image_to_uint8(contact_sheet(rows, tile))


def with_banner(sheet: np.ndarray, title: str) -> Image.Image:
    page = Image.new("RGB", (sheet.shape[1], sheet.shape[0] + _BANNER), "white")
    page.paste(Image.fromarray(sheet), (0, _BANNER))
    ImageDraw.Draw(page).text((6, 6), title, fill="black")
    return page


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evaluation sheet", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with plates, paintings and sketches")
    parser.add_argument("--split", default="test")
    parser.add_argument("--model", action="append", help="a bundle; a second one is shown beside it")
    parser.add_argument("--size", type=int, nargs="+", default=[256, 1024], help="sides that are painted")
    parser.add_argument("--tile", type=int, default=256, help="side that every painting is shown at")
    parser.add_argument("--drawings", type=int, default=6)
    parser.add_argument("--doodles", type=int, default=2)
    parser.add_argument("--references", type=int, default=5)
    parser.add_argument("--quality", type=int, default=85, help="of the JPEG")
    parser.add_argument("--out", type=Path, required=True, help="folder; writes sheet-SIZE.jpg")
    arguments = parser.parse_args()
    crops, chosen = pick(load_selection(arguments.split), arguments.drawings, arguments.doodles, arguments.references)
    inks = [to_ink(uint8_to_image(np.asarray(cut(c, arguments.data))), "dark_lines") for c in crops]
    references = [uint8_to_image(np.asarray(cut(c, arguments.data))) for c in chosen]
    arguments.out.mkdir(parents=True, exist_ok=True)
    for size in arguments.size:
        pages = []
        for name in arguments.model or [None]:
            with torch.inference_mode():
                sheet = paint_sheet(SketchToImage.from_pretrained(name), inks, references, size, arguments.tile)
            pages.append(with_banner(sheet, f"{Path(name).stem if name else OURS}, {size} x {size}"))
        page = Image.new("RGB", (sum(p.width for p in pages), max(p.height for p in pages)), "white")
        left = 0
        for part in pages:
            page.paste(part, (left, 0))
            left += part.width
        path = arguments.out / f"sheet-{size}.jpg"
        page.save(path, quality=arguments.quality, optimize=True)
        sys.stdout.write(f"{path}\n")
