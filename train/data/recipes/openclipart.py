"""Debian's openclipart-png: public-domain clip art with flat colours and clear outlines."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from s2i.imaging.files.open_picture import open_picture

from .clients import debian_package
from .manifest import Row, row_of, write_manifest

logger = logging.getLogger(__name__)

PACKAGE, LICENCE = "openclipart-png", "public domain"
# Flags, signs and interface icons are not scenes; patterns and gradients have no lines.
UNWANTED = ("flag", "icon", "computer", "sign", "symbol", "logo", "button", "arrow", "callout", "cards", "dice",
            "chess", "duplicates", "special", "shapes", "map", "barcode", "gradient", "pattern", "text")
MINIMUM_SIDE, LARGEST_AREA, KEPT_SIDE = 64, 16_000_000, 1024  # pixels
CHROMA, COVERAGE = 14.0, 0.08


def make_openclipart(out: Path, package: Path | None = None) -> list[Row]:
    """Write the coloured pictures to OUT/pictures as PNG over white, and OUT/manifest.csv.

    package: an unpacked openclipart-png; None fetches it with apt-get. Names become "category-name.png".
    """
    if package is None:
        with tempfile.TemporaryDirectory() as folder:
            return make_openclipart(out, debian_package(PACKAGE, Path(folder)))
    rows, dropped, seen = [], 0, set()
    for path in sorted(p for p in package.rglob("*.png") if p.is_file()):
        parts = path.relative_to(package).parts
        parts = parts[parts.index("png") + 1 :] if "png" in parts[:-1] else parts
        picture = None if unwanted(parts) else coloured(path)
        if picture is None:
            dropped += 1
            continue
        target = out / "pictures" / "-".join(parts).lower()
        target.parent.mkdir(parents=True, exist_ok=True)
        picture.save(target)
        row = row_of(target, out, f"Debian package {PACKAGE}: {'/'.join(parts)}", LICENCE)
        if row.sha256 in seen:
            target.unlink()
            dropped += 1
            continue
        seen.add(row.sha256)
        rows.append(row)
    logger.info("%s: %d kept, %d dropped (flags, icons, grey, tiny, huge, empty, double)", PACKAGE, len(rows), dropped)
    write_manifest(out, rows)
    return rows


def unwanted(parts: tuple[str, ...]) -> bool:
    """By the names of its folders and of the file."""
    return any(word in part.lower() for part in parts for word in UNWANTED)


def coloured(path: Path) -> Image.Image | None:
    """The picture over white, at most 1024 pixels wide or high, or None where it cannot be read, is tiny, huge, mostly
    empty, or grey."""
    try:
        with open_picture(path) as file:
            if min(file.size) < MINIMUM_SIDE or file.width * file.height > LARGEST_AREA:
                return None
            picture = file.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    if max(picture.size) > KEPT_SIDE:
        picture = picture.convert("RGBa")  # premultiplied: what is invisible must not bleed in
        picture.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.BOX)
        picture = picture.convert("RGBA")
    picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    pixels = np.asarray(picture, np.float32)
    painted = pixels.min(2) < 245
    if painted.mean() < COVERAGE or (pixels.max(2) - pixels.min(2))[painted].mean() < CHROMA:
        return None
    return picture
