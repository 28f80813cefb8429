"""A file is written whole or not at all: nobody ever reads half of one."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

_MARK = ".s2i-"  # how the names of temporaries begin, so that those of a killed process can be told and removed


@contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`, with its suffix; it becomes `path` if the block ends well, else it goes.

    The name is short whatever `path` is called: a name of 250 bytes is a good one, and has no room for an addition.
    """
    path = Path(path)
    temporary = path.with_name(f"{_owner_mark()}{os.getpid()}-{uuid4().hex[:8]}.tmp{path.suffix[:32]}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(folder: str | os.PathLike[str]) -> list[Path]:
    """Remove what killed processes of this machine left in `folder` -> the removed files. Those of living processes
    stay, and those of other machines: of these nobody here can know whether they live."""
    gone = []
    for path in Path(folder).glob(f"{_MARK}*.tmp*"):
        owner = path.name.removeprefix(_owner_mark()).split("-")[0]
        if owner.isdigit() and not _is_alive(int(owner)):
            path.unlink(missing_ok=True)
            gone.append(path)
    return gone


def _owner_mark() -> str:
    return f"{_MARK}{re.sub(r'[^a-z0-9]', '', platform.node().lower())[:24] or 'here'}-"


def _is_alive(process: int) -> bool:
    if os.name != "posix":  # there, signal 0 ends a process
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
