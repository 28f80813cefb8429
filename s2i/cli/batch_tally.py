"""What one process of a large set has done, said as it goes and kept beside the paintings."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import S2IError
from ..machine.atomic_file import atomic_file
from .jobs import Report
from .outputs import make_folder
from .work_split import Process

_SAY_EVERY = 30.0  # seconds
_MOST_UNWRITTEN = 20  # results in a row: then it is the disk, and more painting is in vain


@dataclass
class Tally:
    """out: the folder of the results; what failed is read in its `reports`, one file a process."""

    process: Process
    out: Path
    done: int = 0
    skipped: int = 0
    failed: list[dict[str, object]] = field(default_factory=list)
    unwritten: int = 0  # in a row
    began: float = field(default_factory=time.perf_counter)
    said: float = field(default_factory=time.perf_counter)

    def succeed(self) -> None:
        self.done += 1
        self.unwritten = 0

    def fail(self, name: str, words: str) -> None:
        self.failed.append({"input": name, "error": words})
        sys.stderr.write(f"s2i: {words}\n")

    def fail_to_write(self, name: str, words: str) -> None:
        """Raises `S2IError` where nothing can be written any more."""
        self.fail(name, words)
        self.unwritten += 1
        if self.unwritten >= _MOST_UNWRITTEN:
            raise S2IError(f"{self.unwritten} results in a row could not be written to {self.out}: stopped")

    def rate(self) -> float:
        """Pictures a second so far."""
        return self.done / max(time.perf_counter() - self.began, 1e-9)

    def say(self, left: int, last: bool = False) -> None:
        if last or time.perf_counter() - self.said > _SAY_EVERY:
            self.said = time.perf_counter()
            sys.stderr.write(
                f"s2i: process {self.process.rank} of {self.process.world}: {self.done} painted, {self.skipped} were "
                f"there, {len(self.failed)} failed, {left} pieces left, {self.rate():.2f} pictures/s\n"
            )

    def keep_failures(self, shard: str, since: int) -> None:
        """What failed in a shard after the first `since` failures, in a file of the shard's own: a painted shard is
        not looked into again, so nobody would hear of it another time."""
        if len(self.failed) > since:
            self._write(f"{shard}.json", {"shard": shard, "failed": self.failed[since:]})
        else:
            self._file(f"{shard}.json").unlink(missing_ok=True)

    def report(self) -> Report:
        """The process's part, also written to the folder: what a million pictures failed on is read later."""
        facts = {"process": self.process.rank, "of": self.process.world, "painted": self.done, "skipped": self.skipped,
                 "failed": self.failed, "seconds": round(time.perf_counter() - self.began, 3),
                 "pictures_per_second": round(self.rate(), 3)}  # fmt: skip
        self._write(f"process-{self.process.rank:05d}.json", facts)
        return Report(done=[{k: v for k, v in facts.items() if k != "failed"}], failed=self.failed)

    def _file(self, name: str) -> Path:
        return self.out / "reports" / name

    def _write(self, name: str, facts: dict[str, object]) -> None:
        make_folder(self._file(name).parent, str(self.out))
        with atomic_file(self._file(name)) as temporary:
            temporary.write_text(json.dumps(facts, indent=2), encoding="utf-8")
