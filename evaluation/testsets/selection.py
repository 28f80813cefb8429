"""Which pictures and drawings a test set holds: a list of files, crops and pens, committed instead of the pictures."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from s2i.imaging.files.open_picture import open_picture
from s2i.machine.atomic_file import atomic_file

from ..errors import EvaluationError

FOLDER = Path(__file__).parent
FOLDS = 2
_DRAWN = {"plates": 20, "paintings": 10}  # pictures a fold that are inked, by kind
_REAL_PER_BOOK, _REAL_PAINTINGS = 15, 24  # pictures a fold that outputs are compared with, at most
_INK_DRAWINGS, _DOODLES = 48, 16


@dataclass(frozen=True)
class Source:
    """A file that may be drawn. book: the book or artist that it must not be separated from. crop: left, top, right and
    bottom, in pixels, of the part to use; None for all of it."""

    book: str
    crop: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class Crop:
    """A square of a file. file: below the data folder. book: see `Source`. box: left, top and side, in pixels of the
    file."""

    file: str
    book: str
    box: tuple[int, int, int]


@dataclass(frozen=True)
class PictureCrop(Crop):
    """A real picture. fold: which half of the books it is in; an unpaired reference is of its drawing's half. pen: how
    its drawing is made ("extractor" with variant and line weight, or "xdog" with sigma and the share of the picture
    that becomes ink), or None for a picture that is only compared with."""

    fold: int
    pen: tuple[str, float, float] | None = None


@dataclass(frozen=True)
class Selection:
    """split: "validation" or "test". drawings: artists' ink; doodles: TU-Berlin."""

    split: str
    pictures: tuple[PictureCrop, ...]
    drawings: tuple[Crop, ...]
    doodles: tuple[Crop, ...]


def load_selection(split: str) -> Selection:
    """The committed list of a split. Raises `EvaluationError` for a name that has none."""
    path = FOLDER / f"{split}.json"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in FOLDER.glob("*.json")))
        raise EvaluationError(f"there is no test set {split!r}: choose one of {known}")
    stored = json.loads(path.read_text(encoding="utf-8"))
    crops = {name: tuple(_crop(Crop, c) for c in stored[name]) for name in ("drawings", "doodles")}
    return Selection(stored["split"], tuple(_crop(PictureCrop, c) for c in stored["pictures"]), **crops)


def _crop(kind: type, stored: dict[str, Any]) -> Any:
    pen = {"pen": tuple(stored["pen"])} if stored.get("pen") else {}
    return kind(**{**stored, "box": tuple(stored["box"]), **pen})


def save_selection(selection: Selection, folder: Path = FOLDER) -> Path:
    """One crop a line, so that a change is seen in a diff; written whole or not at all."""
    parts = [f'"split": {json.dumps(selection.split)}']
    for name in ("pictures", "drawings", "doodles"):
        rows = ",\n".join(json.dumps(asdict(crop), ensure_ascii=False) for crop in getattr(selection, name))
        parts.append(f'"{name}": [\n{rows}\n]')
    path = folder / f"{selection.split}.json"
    with atomic_file(path) as temporary:
        temporary.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")
    return path


def select(data: Path, split: str, sources: Mapping[str, Source], seed: int = 0) -> Selection:
    """Draw a test set by lot. data: the folder; sources: by file, of the split alone."""
    rng = random.Random(seed)
    books = {file: source.book for file, source in sources.items()}
    kinds: dict[str, list[str]] = defaultdict(list)
    for file in sorted(books):
        kinds[file.rsplit("/", 1)[0]].append(file)
    folds = _folds(kinds["plates"] + kinds["paintings"], books, rng)
    pictures = [crop for fold, files in enumerate(folds) for crop in _pictures(data, files, sources, fold, rng)]
    drawings = _spread(kinds["sketches/ink"], books, _INK_DRAWINGS, rng)
    doodles = _spread(kinds["sketches/tu-berlin"], books, _DOODLES, rng)
    crops = [[Crop(f, books[f], _square(data / f, sources[f], rng.uniform(0.8, 1), rng)) for f in files]
             for files in (drawings, doodles)]
    return Selection(split, tuple(pictures), *map(tuple, crops))


def _is_painting(file: str) -> bool:
    return file.startswith("paintings/") or "/quiz_" in file


def _folds(files: Sequence[str], books: Mapping[str, str], rng: random.Random) -> list[list[str]]:
    """Files in two halves that share no book, the largest books first, paintings apart from plates."""
    folds: list[list[str]] = [[] for _ in range(FOLDS)]
    for kind in (False, True):
        groups: dict[str, list[str]] = defaultdict(list)
        for file in files:
            if _is_painting(file) == kind:
                groups[books[file]].append(file)
        order = sorted(groups, key=lambda b: (-len(groups[b]), rng.random()))
        sizes = [0] * FOLDS
        for book in order:
            fold = sizes.index(min(sizes))
            # Books of one artist may hold paintings and plates: they follow their first half.
            fold = next((i for i, f in enumerate(folds) if any(books[x] == book for x in f)), fold)
            folds[fold] += groups[book]
            sizes[fold] += min(len(groups[book]), _REAL_PER_BOOK)
    return folds


def _pictures(
    data: Path, files: Sequence[str], sources: Mapping[str, Source], fold: int, rng: random.Random
) -> list[PictureCrop]:
    books = {file: source.book for file, source in sources.items()}
    plates = _at_most([f for f in files if not _is_painting(f)], books, _REAL_PER_BOOK, rng)
    paintings = _spread([f for f in files if _is_painting(f)], books, _REAL_PAINTINGS, rng)
    drawn = _spread(plates, books, _DRAWN["plates"], rng) + paintings[: _DRAWN["paintings"]]
    crops = []
    for file in sorted(plates + paintings):
        box = _square(data / file, sources[file], rng.uniform(0.7, 1), rng)
        pen = _pen(len([c for c in crops if c.pen]), rng) if file in drawn else None
        crops.append(PictureCrop(file, books[file], box, fold, pen))
    return crops


def _pen(number: int, rng: random.Random) -> tuple[str, float, float]:
    if number % 2:
        return "xdog", round(rng.uniform(0.9, 1.8), 2), round(rng.uniform(0.06, 0.18), 3)
    return "extractor", round(rng.uniform(0, 9), 1), round(rng.uniform(0.8, 1.6), 2)


def _spread(files: Sequence[str], books: Mapping[str, str], count: int, rng: random.Random) -> list[str]:
    """`count` of the files, one of each book before a second of any."""
    shuffled = rng.sample(list(files), len(files))
    turns: dict[str, int] = defaultdict(int)
    order = []
    for file in shuffled:
        order.append((turns[books[file]], len(order), file))
        turns[books[file]] += 1
    return [file for _, _, file in sorted(order)[:count]]


def _at_most(files: Sequence[str], books: Mapping[str, str], count: int, rng: random.Random) -> list[str]:
    kept: dict[str, list[str]] = defaultdict(list)
    for file in rng.sample(list(files), len(files)):
        if len(kept[books[file]]) < count:
            kept[books[file]].append(file)
    return [f for group in kept.values() for f in group]


def _square(path: Path, source: Source, share: float, rng: random.Random) -> tuple[int, int, int]:
    """A square of `share` of the crop's short side, anywhere in it."""
    with open_picture(path) as file:
        left, top, right, bottom = source.crop or (0, 0, *file.size)
    side = round(min(right - left, bottom - top) * share)
    return rng.randint(left, right - side), rng.randint(top, bottom - side), side
