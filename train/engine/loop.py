"""The training loop that all stages share."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from s2i.machine.atomic_file import remove_leftovers

from ..errors import TrainError
from .ema import average_of, ema_decay, update_average
from .interrupts import StopRequest
from .loop_config import LoopConfig
from .progress import Averages, Reporter, save_sheet, tracker_names
from .randomness import random_states, restore_random_states, seed_everything, undisturbed
from .run import Run
from .run_state import checkpoint_folder, facts, restore, save, say
from .schedule import rate_factor
from .stage import Stage

logger = logging.getLogger(__name__)

Batch = dict[str, Tensor]


def train(stage: Stage, config: LoopConfig) -> Path:
    """Train until `config.num_images`, a signal or the end of the time; -> the last checkpoint.

    Raises `TrainError`: OUT holds a run and neither resume nor another OUT was asked for; a checkpoint cannot be
    read or written; a loss is not finite (the batch is saved in OUT/failed).
    """
    run = prepare(stage, config)
    before = restore(stage, run)
    states = random_states(run.generator)
    started = time.monotonic()
    averages, written = Averages(), None

    def checkpoint() -> Path:
        meta = facts(stage, run, before, (time.monotonic() - started) / 60)
        return save(stage, run, meta)

    with StopRequest(config.max_minutes) as stop, Reporter(run, stage.name) as reporter, _stream(stage, run) as stream:
        restore_random_states(states, run.generator)  # imports and loaders have drawn from them since
        save_at, preview_at = _Alarm(config.checkpoint_minutes), _Alarm(config.preview_minutes)
        while run.samples_seen < config.num_images:
            batches = _fetch(stream, run, checkpoint)
            averages.add(take_step(stage, run, batches))
            reporter.advance()
            written = None
            if run.step % max(1, config.log_every) == 0:
                reporter.report(averages.take(run))
            if preview_at.rings():
                _preview(stage, run)
            if save_at.rings():
                written = checkpoint()
            if _agree_to_stop(run, stop):
                break
        if written is None:
            _preview(stage, run)
            written = checkpoint()
        run.accelerator.wait_for_everyone()  # the checkpoint is there, whichever process comes back first
        say(run, f"{stage.name}: {run.samples_seen} pictures, {run.step} steps, {stop.reason or 'done'}; "
                  f"checkpoint {written}")
    run.accelerator.end_training()
    return written


# -- a run begins ---------------------------------------------------------------------------------------------------


def prepare(stage: Stage, config: LoopConfig) -> Run:
    """Seed everything and put the stage on the device: a run at its beginning."""
    from accelerate import Accelerator

    _check_out(Path(config.out))
    accelerator = Accelerator(
        mixed_precision=config.mixed_precision,
        cpu=config.cpu,
        log_with=(config.tensorboard and tracker_names()) or None,
        project_dir=config.out,
    )
    generator = seed_everything(config.seed)
    layout = torch.channels_last if config.channels_last else torch.contiguous_format
    for network in [*stage.networks.values(), *stage.frozen()]:
        network.to(accelerator.device, memory_format=layout)
    for module in stage.frozen():
        module.requires_grad_(False)
    if config.fused:
        _fuse(stage)
    run = Run(stage.networks, stage.optimizers, config, accelerator, generator)
    run.ema = {name: average_of(stage.networks[name]) for name in stage.averaged}
    if config.compile:
        for network in stage.networks.values():
            network.compile()
    if accelerator.is_main_process:
        Path(config.out).mkdir(parents=True, exist_ok=True)
        for folder in (Path(config.out), checkpoint_folder(config)):
            remove_leftovers(folder)  # of saves that were killed
    accelerator.init_trackers("tensorboard", asdict(config))
    return run


def _check_out(out: Path) -> None:
    """A file in the way is said before anything is built; every process says it, so that none waits for another."""
    for part in (out, *out.parents):
        if part.exists() and not part.is_dir():
            raise TrainError(f"--out {out}: {part} is a file, not a folder: name another")


def _fuse(stage: Stage) -> None:
    for optimizer in stage.optimizers.values():
        if isinstance(optimizer, torch.optim.Adam):  # AdamW is one too
            for group in optimizer.param_groups:
                group.update(fused=True, foreach=False)


# -- a step ---------------------------------------------------------------------------------------------------------


@contextmanager
def _stream(stage: Stage, run: Run) -> Iterator[Iterator[Batch]]:
    """The stage's batches from here on. Their workers leave with it, however the run ends: one that is left behind
    keeps open what it inherited."""
    place = run.accelerator.process_index, run.accelerator.num_processes
    batches = iter(stage.stream(run.samples_seen, *place))
    try:
        yield batches
    finally:
        if hasattr(batches, "close"):  # a generator; a list has nothing to leave
            batches.close()


def _fetch(stream: Iterator[Batch], run: Run, checkpoint: Callable[[], Path]) -> list[Batch]:
    """The batches of one step, on the CPU. Fails, if it must, between steps: then with a checkpoint."""
    begin = time.perf_counter()
    try:
        batches = [next(stream) for _ in range(run.config.accumulate)]
    except TrainError as error:
        if run.accelerator.num_processes > 1:
            raise
        raise TrainError(f"{error} (the run so far is in {checkpoint()})") from error
    run.seconds["data"] += time.perf_counter() - begin
    return batches


def take_step(stage: Stage, run: Run, batches: list[Batch]) -> dict[str, Tensor]:
    """One step of the optimisers from `accumulate` batches, one of the averages; -> means of the logged terms."""
    config, terms, seen = run.config, {}, 0
    begin = time.perf_counter()
    run.factor = rate_factor(run.samples_seen, config.num_images, config.warmup_images, config.decay_images)
    for part, batch in enumerate(batches):
        run.batch = _to_device(batch, run)
        run.last_part = part == len(batches) - 1
        with run.accelerator.autocast():
            for name, value in stage.step(run.batch, run).items():
                terms.setdefault(name, []).append(value)
        seen += len(next(iter(run.batch.values()))) * run.accelerator.num_processes
    run.samples_seen += seen
    run.step += 1
    average_begin = time.perf_counter()
    decay = ema_decay(run.samples_seen, seen, config.ema_half_life_images)
    for name, average in run.ema.items():
        update_average(average, run.networks[name], decay)
    run.seconds["optimiser"] += time.perf_counter() - average_begin
    run.seconds["step"] += time.perf_counter() - begin
    return {name: torch.stack([v.detach().float() for v in values]).mean() for name, values in terms.items()}


def _to_device(batch: Batch, run: Run) -> Batch:
    moved = {}
    for name, value in batch.items():
        value = value.to(run.device, non_blocking=True)
        if value.ndim == 4 and run.config.channels_last:
            value = value.contiguous(memory_format=torch.channels_last)
        moved[name] = value
    return moved


def _agree_to_stop(run: Run, stop: StopRequest) -> bool:
    """All processes stop at the same step, whichever was asked."""
    if stop.reason:
        run.accelerator.set_trigger()
    return run.accelerator.check_trigger()


# -- what a run leaves ----------------------------------------------------------------------------------------------


class _Alarm:
    """Rings once every `minutes`; 0 = never."""

    def __init__(self, minutes: float) -> None:
        self._period = 60 * minutes
        self._next = time.monotonic() + self._period

    def rings(self) -> bool:
        if self._period <= 0 or time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + self._period
        return True


def _preview(stage: Stage, run: Run) -> None:
    """A sheet on the main process; one that cannot be made is a warning, not the end of a run."""
    if not run.accelerator.is_main_process:
        return
    with undisturbed(run.generator), torch.inference_mode(), run.accelerator.autocast():
        sheet = stage.preview(run)
    if sheet is None:
        return
    folder = Path(run.config.out) / "previews"
    try:
        save_sheet(sheet, folder / f"{run.samples_seen:010d}.png")
        save_sheet(sheet, Path(run.config.out) / "preview.png")
    except OSError as error:
        logger.warning("cannot write a preview: %s", error)
