"""Many inputs, one run: what to read, how far it is, and what failed."""

from __future__ import annotations

import glob
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..codes import style_file
from ..errors import S2IError, printable
from ..imaging.files.suffixes import SUFFIXES
from ..machine.user_path import expand_user


def find_references(patterns: Iterable[str], name: str) -> list[Path]:
    """As `find_pictures`; a folder's saved styles are found beside its pictures."""
    return find_pictures(patterns, name, lambda path: is_picture(path) or _is_style(path))


def is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def _is_style(path: Path) -> bool:
    return path.suffix.lower() == style_file.SUFFIX and style_file.is_style_file(path)


def find_pictures(
    patterns: Iterable[str], name: str, wanted: Callable[[Path], bool] = is_picture
) -> list[Path]:
    """Files, folders and globs -> files in order. A plain path that does not exist is kept: it fails by name later,
    while the others are done. `name` says in errors which argument this is."""
    found: list[Path] = []
    for pattern in patterns:
        if not pattern:
            raise S2IError(f"{name} is empty: name a picture, a folder or a glob")
        path = expand_user(pattern)
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and wanted(p))
            if not inside:
                raise S2IError(f"{name}: the folder {path} holds no pictures ({', '.join(SUFFIXES)})")
            found += inside
        elif not path.exists() and glob.has_magic(pattern):
            matches = sorted(Path(p) for p in glob.glob(str(path), recursive=True) if Path(p).is_file())
            if not matches:
                raise S2IError(f"{name}: nothing matches {pattern}")
            found += matches
        else:
            found.append(path)
    return found


def plain_words(error: Exception) -> str | None:
    """One line for what the input or the machine refused; None for a fault of ours, which must not be hidden."""
    if isinstance(error, S2IError):
        return str(error)
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "memory" in str(error)):
        return "not enough memory: use a smaller --size, or close other programs"
    return printable(str(error)) if isinstance(error, OSError) else None


@dataclass
class Report:
    """What a run did; `json` is for `--json`, `code` for the shell."""

    done: list[dict[str, object]] = field(default_factory=list)
    failed: list[dict[str, object]] = field(default_factory=list)

    @property
    def code(self) -> int:
        return 1 if self.failed else 0

    def json(self) -> dict[str, object]:
        return {"done": self.done, "failed": self.failed}


def run_jobs(jobs: Sequence[tuple[str, Callable[[], dict[str, object]]]], quiet: bool = False) -> Report:
    """Run each (name, job); a job whose input or machine fails it is reported and the others go on."""
    report, start = Report(), time.perf_counter()
    for i, (name, job) in enumerate(jobs):
        began = time.perf_counter()
        try:
            report.done.append({**job(), "seconds": round(time.perf_counter() - began, 4)})
        except Exception as error:
            words = plain_words(error)
            if words is None:
                raise
            words = words if isinstance(error, S2IError) else f"{printable(name)}: {words}"
            report.failed.append({"input": name, "error": words})
            sys.stderr.write(f"s2i: {words}\n")
        if not quiet and len(jobs) > 1:
            _progress(i + 1, len(jobs), time.perf_counter() - start)
    if report.failed and len(jobs) > 1:
        sys.stderr.write(f"s2i: {len(report.done)} done, {len(report.failed)} failed\n")
    return report


def _progress(done: int, total: int, seconds: float) -> None:
    if not sys.stderr.isatty():
        return
    left = seconds / done * (total - done)
    bar = "#" * round(24 * done / total)
    sys.stderr.write(f"\r[{bar:<24}] {done}/{total}  {left:4.0f} s left " + ("\n" if done == total else ""))
    sys.stderr.flush()


def write(text: str) -> None:
    """Without control characters: what a file says of itself must not steer the terminal."""
    sys.stdout.write(printable(text, keep="\n") + "\n")


def write_json(report: Report) -> None:
    write(json.dumps(report.json(), indent=2))
