"""When to stop: a signal, a vanished launcher, or the end of the time allowed."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType, TracebackType


class StopRequest:
    """Context manager: SIGTERM and the first Ctrl-C ask for a clean stop; a second Ctrl-C stops at once.

    `reason` is None until something asks. max_minutes: 0 = no limit.
    """

    def __init__(self, max_minutes: float = 0.0) -> None:
        self._deadline = time.monotonic() + 60 * max_minutes if max_minutes > 0 else None
        self._signal: str | None = None
        self._previous: dict[int, object] = {}
        # `accelerate launch` does not hand its SIGTERM on; that it is gone is how its child learns of it.
        self._launcher = os.getppid() if "ACCELERATE_MIXED_PRECISION" in os.environ else None

    @property
    def reason(self) -> str | None:
        if self._signal:
            return self._signal
        if self._launcher is not None and os.getppid() != self._launcher:
            return "the launcher has gone"
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return "the time is up"
        return None

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT and self._signal:
            raise KeyboardInterrupt
        self._signal = f"asked to by {signal.Signals(number).name}"

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
