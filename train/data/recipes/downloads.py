"""Finding, in a folder of downloads, the file that a file of the art set was made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from s2i.imaging.files.open_picture import open_picture

from ..art_set import DOODLES, book_of, rows
from ..pictures import PICTURES

_COVER = "cover.source"  # what Standard Ebooks calls the painting itself, without lettering
_NUMBER = re.compile(r"(?:^|[_-]|pg)(\d{4,6})(?:-h)?$")


class Downloads:
    """An index of a folder of downloads, nested as they come:

    - books: a folder named NUMBER, NUMBER-h or TITLE_NUMBER, as Project Gutenberg's archives and GITenberg's
      repositories are called;
    - paintings: a folder per Standard Ebooks repository, with images/cover.source.jpg;
    - `quiz`: paintings named as in `paintings.csv` (quiz_000.*);
    - hand sketches: TU Berlin's `png/CATEGORY/NUMBER.png`.
    """

    def __init__(self, folder: Path) -> None:
        self._found: dict[tuple[str, str], list[Path]] = {}
        repositories = {row["file"]: row["repository"].split("/")[-1] for row in rows("paintings.csv")}
        self._repositories = {file: name for file, name in repositories.items() if name}
        for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURES and p.is_file()):
            for key in _keys(path.relative_to(folder)):
                self._found.setdefault(key, []).append(path)

    def source_of(self, file: str) -> Path | None:
        """file: relative to the set's root. The largest picture where several have the name; None where none has."""
        found = self._found.get(self._key(file), [])
        return max(found, key=_pixels, default=None)

    def _key(self, file: str) -> tuple[str, str]:
        stem = Path(file).stem
        if file in self._repositories:
            return self._repositories[file], slug(_COVER)
        if file.startswith(DOODLES):
            return "png", slug(stem.split("_")[-1])
        if stem.startswith("quiz_"):
            return "quiz", slug(stem)
        return book_of(file), stem.split("_", 2)[2]


def slug(name: str) -> str:
    """A file name's stem as the set's names write it: lower case, with a hyphen for whatever is no letter or digit."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _keys(path: Path) -> Iterator[tuple[str, str]]:
    """path: relative to the downloads. Every folder above a picture may be what says whose it is."""
    for folder in set(path.parts[:-1]):
        number = _NUMBER.search(folder)
        yield (number[1] if number else folder), slug(path.stem)


def _pixels(path: Path) -> int:
    try:
        with open_picture(path) as picture:
            return picture.width * picture.height
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return 0
