"""Where results go: names that do not meet, and never over a file that was given as an input."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..errors import S2IError
from ..imaging.files.suffixes import SUFFIXES
from ..machine.user_path import expand_user

_LONGEST_NAME = 200  # bytes; most file systems end at 255


def output_paths(
    jobs: Sequence[str],
    out: str,
    inputs: Iterable[Path] = (),
    suffix: str = ".png",
    suffixes: Sequence[str] = SUFFIXES,
) -> list[Path]:
    """One file for one job if `out` has one of the suffixes, else files named after the jobs inside the folder `out`.

    jobs: a name for each result; two results never share a file, on file systems that ignore case either. inputs: files
    that are being read. Raises `S2IError` where a result would replace one of them.
    """
    path = expand_user(out)
    if _is_file_name(path, out, suffixes):
        if len(jobs) > 1:
            raise S2IError(f"--out {out} is one file, but there are {len(jobs)} results: name a folder")
        paths = [path]
    else:
        paths = [path / f"{name}{suffix}" for name in distinct_names(jobs)]
    refuse_to_replace(paths, inputs, out)
    make_folder(path.parent if paths == [path] else path, out)
    return paths


def _is_file_name(path: Path, out: str, suffixes: Sequence[str]) -> bool:
    if path.is_dir() or out.endswith(("/", os.sep)):
        return False
    if path.suffix and path.suffix.lower() not in suffixes:
        raise S2IError(f"--out {out}: results are written as {', '.join(suffixes)}, not {path.suffix}; "
                       f"for a folder of that name write {out}/")
    return bool(path.suffix)


def distinct_names(names: Iterable[str]) -> list[str]:
    """Every name as it is, or shortened, or with a number: no two are equal, whatever their case."""
    taken: set[str] = set()
    found = []
    for name in names:
        short = _shortened(name)
        candidate, count = short, 1
        while (key := unicodedata.normalize("NFC", candidate).casefold()) in taken:
            count += 1
            candidate = f"{short}-{count}"
        taken.add(key)
        found.append(candidate)
    return found


def _shortened(name: str) -> str:
    return name.encode("utf-8", "surrogateescape")[:_LONGEST_NAME].decode("utf-8", "ignore") or "picture"


def refuse_to_replace(targets: Sequence[Path], inputs: Iterable[Path], out: str) -> None:
    """Raise `S2IError` if a result would be written over an input. By identity, not by name: a link to a drawing, or
    the same name in another case, is that drawing."""
    known = {identity: path for path in inputs if (identity := _identity(path)) is not None}
    for target in targets:
        identity = _identity(target)
        if identity is not None and identity in known:
            free = target.parent / (f"{target.stem}-new{target.suffix}" if len(targets) == 1 else "results")
            raise S2IError(f"--out {out} would replace {known[identity]}, which is an input: try -o {free}")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def make_folder(path: Path, out: str) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise S2IError(f"--out {out}: the folder {path} cannot be made ({reason}): name another") from None
