"""The art set, made again of public sources: `python -m train recipes art DOWNLOADS OUT`."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageOps

from s2i.imaging.files.open_picture import open_picture
from s2i.machine.atomic_file import atomic_file

from ...errors import TrainError
from ..art_set import DOODLES, book_of, rows
from .downloads import Downloads
from .fingerprints import ALIKE, Fingerprint, read_fingerprints, short_sha256
from .manifest import Row, row_of, write_manifest
from .trimming import matching_box

logger = logging.getLogger(__name__)

PUBLIC_DOMAIN = "public domain in the United States; elsewhere by the artist's dates"
OLD_MASTERS = "public domain: painter dead more than 70 years"
COVERS = "believed to be in the public domain in the United States"
DOODLE_LICENCE = "CC BY 4.0, Eitz, Hays & Alexa 2012"
# Plates were written twice, shrunk to (short side, quality) and then from there: with both, files come out to the byte.
_PLATE_FIRST, _PLATE_QUALITY, _INK_QUALITY, _PAINTING_QUALITY = (448, 84), 77, 80, 90


def make_art(out: Path, downloads: Path, files: Iterable[str] | None = None) -> dict[str, list[str]]:
    """Write what DOWNLOADS has of the set to OUT, under the names of the tables, and OUT/manifest.csv.

    files: those to make, relative to OUT; None makes all that the tables keep. -> "same" (equal to the set's file to
    the byte), "alike" (the same picture), "different" (a file of that name shows something else: nothing is written)
    and "missing", each a list of files. Raises `TrainError` where nothing at all is found.
    """
    if not downloads.is_dir():
        raise TrainError(f"there is no folder {downloads}")
    known = read_fingerprints()
    sources = Downloads(downloads)
    made: dict[str, list[str]] = {"same": [], "alike": [], "different": [], "missing": []}
    manifest: list[Row] = []
    for file in sorted(known if files is None else files):
        source = sources.source_of(file)
        outcome = "missing" if source is None else _make(source, out / file, known[file])
        made[outcome].append(file)
        if outcome in ("same", "alike"):
            manifest.append(row_of(out / file, out, _credit(file), _licence(file)))
    if not manifest:
        raise TrainError(f"{downloads} holds nothing of the art set: see train/README.md for what to download")
    write_manifest(out, manifest)
    logger.info("%s", ", ".join(f"{len(found)} {outcome}" for outcome, found in made.items()))
    return made


def _make(source: Path, target: Path, known: Fingerprint) -> str:
    """Write one file; -> "same", "alike" or "different"."""
    try:
        with open_picture(source) as file:
            picture = ImageOps.exif_transpose(file).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        logger.warning("%s cannot be read: %s", source, error)
        return "different"
    box, found = matching_box(picture, known)
    if found < ALIKE:
        return "different"
    if box != (0, 0, *picture.size):
        picture = picture.crop(box)
    data = _encoded(picture, known.size, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(target) as temporary:
        temporary.write_bytes(data)
    return "same" if short_sha256(data) == known.sha256 else "alike"


def _encoded(picture: Image.Image, size: tuple[int, int], target: Path) -> bytes:
    """A picture, RGB, as a file of this size and of the kind that `target` is."""
    drawing = target.parent.name == "ink"
    if target.suffix == ".webp" and not drawing:
        side, quality = _PLATE_FIRST
        scale = side / min(picture.size)
        if scale < 1:
            picture = _resized(picture, tuple(round(length * scale) for length in picture.size))
        picture = Image.open(io.BytesIO(_bytes(picture, "WEBP", quality=quality))).convert("RGB")
    picture = _resized(picture, size)
    if target.suffix == ".png":
        return _bytes(picture.convert("L"), "PNG", optimize=True)
    if target.suffix == ".jpg":
        return _bytes(picture, "JPEG", quality=_PAINTING_QUALITY)
    if drawing:
        return _bytes(ImageOps.autocontrast(picture.convert("L"), cutoff=1), "WEBP", quality=_INK_QUALITY)
    return _bytes(picture, "WEBP", quality=_PLATE_QUALITY)


def _resized(picture: Image.Image, size: tuple[int, ...]) -> Image.Image:
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


def _bytes(picture: Image.Image, kind: str, **options: int | bool) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _credit(file: str) -> str:
    for row in rows("paintings.csv"):
        if row["file"] == file:
            where = f", cover painting of github {row['repository']}" if row["repository"] else ""
            return f"{row['artist']}, {row['title']}, {row['year']}{where}"
    if file.startswith(DOODLES):
        return f"TU Berlin, How Do Humans Sketch Objects?, {Path(file).stem.replace('_', '/')}"
    book = next(row for row in rows("books.csv") if row["book"] == book_of(file))
    return f"Project Gutenberg {book['book']}, {book['title']}" + (f", {book['artist']}" if book["artist"] else "")


def _licence(file: str) -> str:
    if file.startswith(DOODLES):
        return DOODLE_LICENCE
    if file.startswith("paintings/"):
        return COVERS
    return OLD_MASTERS if Path(file).stem.startswith("quiz_") else PUBLIC_DOMAIN
