"""A download's surroundings: one process at a time, progress for the caller, and a way to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import DownloadCancelledError

Progress = Callable[[int, int], None]
_MOST_RESTARTS = 5


@contextmanager
def one_at_a_time(lock: Path, cancelled: Callable[[], bool] | None) -> Iterator[None]:
    from filelock import FileLock, Timeout  # what huggingface_hub locks with

    held = FileLock(lock)
    while True:
        try:
            held.acquire(timeout=0.2)
            break
        except Timeout:
            if cancelled is not None and cancelled():
                raise DownloadCancelledError("download stopped while another one of the same file ran") from None
    try:
        yield
    finally:
        held.release()


def silent_bar(progress: Progress | None, cancelled: Callable[[], bool] | None) -> type:
    """A progress bar class for the client that shows nothing, tells the caller, and can stop the download."""
    from tqdm import tqdm

    class Bar(tqdm):
        def __init__(self, *args: Any, **options: Any) -> None:
            options.pop("name", None)
            self.restarts = 0
            super().__init__(*args, **{**options, "disable": False})

        def display(self, *args: Any, **options: Any) -> None:
            """Nothing: the caller shows it."""

        def update(self, n: float | None = 1) -> bool | None:
            if n is not None and n < 0:  # the client starts again from nothing, and would do so a thousand times
                self.restarts += 1
                if self.restarts > _MOST_RESTARTS:
                    raise OSError("the connection is cut again and again, and the server cannot resume")
            shown = super().update(n)
            if progress is not None:
                progress(int(self.n), int(self.total or self.n))
            if cancelled is not None and cancelled():
                raise DownloadCancelledError(f"download stopped at {int(self.n)} of {int(self.total or 0)} bytes")
            return shown

    return Bar
