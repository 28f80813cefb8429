"""What a run says while it runs: a progress line, a log file, TensorBoard, preview pictures."""

from __future__ import annotations

import importlib.util
import json
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image
from torch import Tensor

from s2i.imaging.pixels.layouts import image_to_uint8
from s2i.machine.atomic_file import atomic_file

if TYPE_CHECKING:
    from .run import Run

logger = logging.getLogger(__name__)


def tracker_names() -> list[str]:
    """["tensorboard"] where it is installed."""
    return ["tensorboard"] if importlib.util.find_spec("tensorboard") else []


def save_sheet(sheet: Tensor, path: Path) -> None:
    """(3,H,W) in [-1,1] -> PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as temporary:
        Image.fromarray(image_to_uint8(sheet.detach())).save(temporary, "PNG")


class Averages:
    """Running means of named scalars, without waiting for the device."""

    def __init__(self) -> None:
        self._sums: dict[str, tuple[Tensor, int]] = {}

    def add(self, values: dict[str, Tensor]) -> None:
        for name, value in values.items():
            total, count = self._sums.get(name, (0, 0))
            self._sums[name] = (total + value.detach().float(), count + 1)

    def take(self, run: Run) -> dict[str, float]:
        """The means over all processes since the last call; a process may have had terms that another had not."""
        found = {name: (float(total), count) for name, (total, count) in self._sums.items()}
        self._sums.clear()
        shares = [found]
        if run.accelerator.num_processes > 1:
            from accelerate.utils import gather_object

            shares = gather_object(shares)
        means = {}
        for name in sorted({name for share in shares for name in share}):
            parts = [share[name] for share in shares if name in share]
            means[name] = sum(total for total, _ in parts) / sum(count for _, count in parts)
        return means


class Reporter:
    """The main process's voice; silent on the others. A context manager around the run."""

    def __init__(self, run: Run, name: str) -> None:
        self.run, self.name = run, name
        self.main = run.accelerator.is_main_process
        self.log = Path(run.config.out) / "log.jsonl"
        self._bar = self._task = None
        self._mark = (time.monotonic(), run.samples_seen)

    def __enter__(self) -> Reporter:
        if self.main:
            _drop_after(self.log, self.run.step)
            self._start_bar()
        self._mark = (time.monotonic(), self.run.samples_seen)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _start_bar(self) -> None:
        if not importlib.util.find_spec("rich"):
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        if not console.is_terminal:
            return
        columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("pictures"),
                   TimeRemainingColumn(), TextColumn("{task.fields[note]}")]
        self._bar = Progress(*columns, console=console)
        seen, total = self.run.samples_seen, self.run.config.num_images
        self._task = self._bar.add_task(self.name, total=total, completed=seen, note="")
        self._bar.start()

    def advance(self) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=self.run.samples_seen)

    def report(self, terms: dict[str, float]) -> None:
        """Log means since the last report; call it on every process."""
        now, run = time.monotonic(), self.run
        speed = (run.samples_seen - self._mark[1]) / max(now - self._mark[0], 1e-9)
        self._mark = (now, run.samples_seen)
        values = {"lr_factor": run.factor, "images_per_second": speed, **terms}
        run.accelerator.log(values, step=run.samples_seen)
        if not self.main:
            return
        _append(self.log, {"step": run.step, "samples_seen": run.samples_seen, **_rounded(values)})
        note = f"{speed:.1f} img/s  " + "  ".join(f"{k} {v:.3g}" for k, v in list(terms.items())[:6])
        if self._bar is not None:
            self._bar.update(self._task, note=note)
            return
        left = max(0, run.config.num_images - run.samples_seen) / max(speed, 1e-9)
        logger.info("%s %d/%d pictures  step %d  %s  ETA %s", self.name, run.samples_seen, run.config.num_images,
                    run.step, note, _clock(left))


def _append(path: Path, values: dict[str, Any]) -> None:
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")
    except OSError as error:
        logger.warning("cannot write %s: %s", path, error)


def _drop_after(path: Path, step: int) -> None:
    """Forget the lines of steps that a resumed run will do again."""
    if path.exists():
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if _step_of(line) <= step]
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def _step_of(line: str) -> float:
    try:
        return json.loads(line)["step"]
    except (ValueError, KeyError, TypeError):
        return float("inf")


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.6g}") for name, value in values.items()}


def _clock(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes // 60}:{minutes % 60:02d} h"
