"""What can come of one input, and how it is told."""

from __future__ import annotations

import contextlib
import io
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from enum import Enum

from s2i.errors import S2IError

LIMIT = 20.0  # seconds; an input of this size that takes longer has frozen the program


class Outcome(str, Enum):
    CORRECT = "correct"
    REFUSED = "clear error"
    TOLERATED = "damaged but painted"
    WRONG = "silently wrong"
    TRACEBACK = "traceback"
    HANG = "hang"


BAD = (Outcome.WRONG, Outcome.TRACEBACK, Outcome.HANG)


class Expect(str, Enum):
    """What an input asks for. ANY: damage that a decoder may or may not put up with."""

    GOOD = "good"
    BAD = "bad"
    ANY = "any"


class HangError(BaseException):
    """Not an Exception: nothing under test may take it for a bad input."""


@contextlib.contextmanager
def time_limit(seconds: float = LIMIT) -> Iterator[None]:
    """Raise `HangError` in the main thread after so long of the processor's time, or six times that of the clock's:
    what waits for a pipe uses none, and a busy machine hands it out slowly. What ends late by itself `judge` finds."""

    def stop(number: int, frame: object) -> None:
        raise HangError

    clocks = ((signal.ITIMER_PROF, signal.SIGPROF, seconds), (signal.ITIMER_REAL, signal.SIGALRM, 6 * seconds))
    before = [signal.signal(number, stop) for _, number, _ in clocks]
    for timer, _, limit in clocks:
        signal.setitimer(timer, limit)
    try:
        yield
    finally:
        for (timer, number, _), handler in zip(clocks, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)


def judge(work: Callable[[], Outcome]) -> tuple[Outcome, str]:
    """-> the outcome of `work`, and a traceback or a reason where it is a bad one."""
    began = time.process_time()
    try:
        with time_limit():
            outcome = work()
    except HangError:
        return Outcome.HANG, "".join(traceback.format_exc()[-1500:])
    except BaseException as error:  # a SystemExit, too, is no way for a library to end
        if isinstance(error, KeyboardInterrupt) or type(error).__module__.startswith("hypothesis"):
            raise
        return Outcome.TRACEBACK, traceback.format_exc()
    spent = time.process_time() - began
    return (outcome, "") if spent < LIMIT else (Outcome.HANG, f"{spent:.1f} seconds")


def of_library(work: Callable[[], bool], expect: Expect) -> Outcome:
    """work() -> whether the result is right; an `S2IError` of one line is a clear error."""
    try:
        right = work()
    except S2IError as error:
        if not _is_clear(str(error)):
            return Outcome.TRACEBACK
        return Outcome.WRONG if expect is Expect.GOOD else Outcome.REFUSED
    return _painted(right, expect)


def of_command(arguments: Sequence[str], right: Callable[[], bool], expect: Expect) -> Outcome:
    """The command line in this process. right() -> whether what it wrote is right, where it said that it did."""
    from s2i.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(list(arguments))
        except SystemExit as stop:
            code = int(stop.code or 0)
    said = err.getvalue()
    if any(not c.isprintable() and c != "\n" for c in said) or "Traceback" in said:
        return Outcome.TRACEBACK
    if code == 0:
        silent = "-o" not in arguments and not out.getvalue().strip()  # it neither wrote nor said anything
        return _painted(not silent and right(), expect)
    clear = bool(said.strip()) and (code == 2 or all(_is_clear(line) for line in said.splitlines()))
    if not clear:
        return Outcome.TRACEBACK
    return Outcome.WRONG if expect is Expect.GOOD else Outcome.REFUSED


def _painted(right: bool, expect: Expect) -> Outcome:
    if not right or expect is Expect.BAD:
        return Outcome.WRONG
    return Outcome.CORRECT if expect is Expect.GOOD else Outcome.TOLERATED


def _is_clear(message: str) -> bool:
    return 8 < len(message) < 3000 and "\n" not in message
