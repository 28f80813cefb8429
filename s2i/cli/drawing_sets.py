"""Sets of drawings too many to name: a folder of files, or WebDataset shards (.tar), and where their paintings go."""

from __future__ import annotations

import io
import tarfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import S2IError
from ..imaging.files.open_picture import open_picture
from ..imaging.files.suffixes import SUFFIXES
from ..machine.atomic_file import atomic_file
from ..machine.user_path import real_path
from .outputs import distinct_names

_LARGEST_MEMBER = 256 << 20  # bytes


@dataclass(frozen=True)
class Piece:
    """One piece of work: a drawing's file, or a shard of many. target: the file it becomes; weight: what it costs."""

    source: Path
    target: Path
    weight: float

    @property
    def is_shard(self) -> bool:
        return self.source.suffix == ".tar"


def pieces(folder: Path, out: Path, cost: Callable[[int, int], float] = lambda h, w: h * w) -> list[Piece]:
    """The shards in `folder`, weighed by their bytes, or, where there is none, its pictures with their subfolders,
    weighed by `cost(height, width)` of what their headers say.

    Every process gets the same list, so what is in `out` is no part of it: other processes are writing there. Names in
    `out` are those in `folder`, with a number where two would be one file.
    """
    if not folder.is_dir():
        raise S2IError(f"{folder} is not a folder of drawings or of .tar shards")
    found = sorted(p for p in folder.iterdir() if p.suffix == ".tar" and p.is_file())
    if found:
        return [Piece(p, out / p.name, p.stat().st_size) for p in found]
    own = _inside(out, folder)
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file()
                   and (own is None or not p.is_relative_to(own)))  # fmt: skip
    if not found:
        raise S2IError(f"the folder {folder} holds no pictures ({', '.join(SUFFIXES)}) and no .tar shards")
    targets = _targets([p.relative_to(folder) for p in found])
    return [Piece(p, out / t, _weight(p, cost)) for p, t in zip(found, targets, strict=True)]


def _inside(out: Path, folder: Path) -> Path | None:
    """`out` as a path that begins with `folder`, if it lies in it."""
    whole, part = real_path(folder), real_path(out)
    return folder / part.relative_to(whole) if part.is_relative_to(whole) else None


def _weight(path: Path, cost: Callable[[int, int], float]) -> float:
    """The cost by the header alone; 0 for a file that has none, which fails as soon as its turn comes."""
    try:
        with warnings.catch_warnings(), open_picture(path) as picture:
            warnings.simplefilter("ignore")
            width, height = picture.size
            return cost(height, width)
    except Exception:  # whatever Pillow's parsers raise; it is said when the drawing is read
        return 0.0


def _targets(paths: list[Path]) -> list[Path]:
    """a/x.png for a/x.jpg; distinct inside each folder, whatever the case."""
    groups: dict[Path, list[int]] = {}
    for i, path in enumerate(paths):
        groups.setdefault(path.parent, []).append(i)
    targets = list(paths)
    for parent, members in groups.items():
        names = distinct_names(paths[i].stem for i in members)
        for i, name in zip(members, names, strict=True):
            targets[i] = parent / f"{name}.png"
    return targets


def read_shard(path: Path) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the pictures in a shard. Members are read where they are; none is ever unpacked onto the disk,
    so that it does not matter what paths they claim. Raises `S2IError` where the shard is damaged."""
    try:
        with tarfile.open(path, "r|") as shard:
            for member in shard:
                if member.isfile() and PurePosixPath(member.name).suffix.lower() in SUFFIXES:
                    if member.size > _LARGEST_MEMBER:
                        raise S2IError(f"{path}: {member.name} has {member.size} bytes, at most {_LARGEST_MEMBER}")
                    data = shard.extractfile(member)
                    yield member.name, data.read() if data else b""
        if not _is_whole(path):  # the reader takes a cut between two members for the end
            raise EOFError("the mark of its end is missing")
    except S2IError:
        raise
    except (tarfile.TarError, OSError, EOFError, ValueError, OverflowError, MemoryError) as error:
        # The later ones come out of the archive's extensions, whose numbers are taken as they stand.
        raise S2IError(f"{path} cannot be read ({error}): the shard is damaged or cut short") from None


def _is_whole(path: Path) -> bool:
    """Whether an archive ends with the block of zeros that ends every archive."""
    with path.open("rb") as file:
        file.seek(0, io.SEEK_END)
        if file.tell() < 1024 or file.tell() % 512:
            return False
        file.seek(-512, io.SEEK_END)
        return not any(file.read(512))


def write_shard(path: Path, fill: Callable[[Callable[[str, bytes], None]], None]) -> None:
    """Write a shard, whole or not at all. fill(add) calls add(name, bytes) for every member, in order."""
    with atomic_file(path) as temporary, tarfile.open(temporary, "w", format=tarfile.PAX_FORMAT) as shard:

        def add(name: str, data: bytes) -> None:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            shard.addfile(member, io.BytesIO(data))

        fill(add)


def member_names(names: list[str]) -> list[str]:
    """The paintings' names in a shard: the drawings', as .png, never two alike, and none that leads out of a folder."""

    def inside(name: str) -> str:
        *folders, last = [p for p in PurePosixPath(name).parts if p not in ("/", "//", "..")] or ["picture"]
        return "/".join([*folders, PurePosixPath(last).stem])

    return [f"{name}.png" for name in distinct_names(map(inside, names))]
