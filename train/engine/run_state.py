"""What a checkpoint of a run holds: networks, averages, optimisers, random states, position, and where it came from."""

from __future__ import annotations

import logging
import os
import platform
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from s2i.bundle import FORMAT as BUNDLE_FORMAT
from s2i.bundle import load_bundle

from ..errors import TrainError
from .checkpoints import (
    Checkpoint,
    checkpoints_in,
    file_format,
    find_checkpoint,
    pack_optimizer,
    unpack_optimizer,
    write_checkpoint,
)
from .randomness import random_states, restore_random_states

if TYPE_CHECKING:
    from .loop_config import LoopConfig
    from .run import Run
    from .stage import Stage

logger = logging.getLogger(__name__)


def restore(stage: Stage, run: Run) -> dict[str, Any]:
    """Resume or initialise as the configuration says; -> the facts of the checkpoint resumed, or {}."""
    config, folder = run.config, checkpoint_folder(run.config)
    checkpoint = find_checkpoint(folder, config.resume) if config.resume else None
    if checkpoint is None:
        if checkpoints_in(folder) and not config.resume:
            raise TrainError(f"{config.out} holds a run already: add --resume latest, or choose another --out")
        if config.resume:
            say(run, f"there is no checkpoint in {folder} yet: starting afresh")
        if config.init:
            initialise(stage, run, Path(config.init))
        _broadcast_networks(run)
        return {}
    _load_networks(stage, run, checkpoint)
    try:
        for name, optimizer in stage.optimizers.items():
            rest = checkpoint.meta["optimizers"][name]
            unpack_optimizer(optimizer, checkpoint.part(f"optimizers.{name}"), rest)
        restore_random_states(checkpoint.part("random"), run.generator)
        run.samples_seen, run.step = checkpoint.meta["samples_seen"], checkpoint.meta["step"]
    except (KeyError, ValueError) as error:
        raise TrainError(f"{checkpoint.path} does not fit this configuration: {error}") from error
    if checkpoint.meta["seed"] != config.seed:
        raise TrainError(f"{checkpoint.path} was trained with seed {checkpoint.meta['seed']}, not {config.seed}: "
                         "the samples would not be its continuation")
    say(run, f"resumed {checkpoint.path} at {run.samples_seen} pictures")
    return checkpoint.meta


def initialise(stage: Stage, run: Run, path: Path) -> None:
    """Networks and averages of a new run from a checkpoint, a run's folder or a bundle.

    A stage whose networks are not all in there, or have other layers (an ablation), starts those afresh, and says so.
    """
    if path.is_file() and file_format(path) == BUNDLE_FORMAT:
        networks = stage.states_in(load_bundle(path))
        states = {f"{kind}.{name}": state for name, state in networks.items() for kind in ("networks", "ema")}
    else:
        checkpoint = find_checkpoint(path, str(path))
        _require_stage(checkpoint, stage)
        states = {f"{kind}.{name}": checkpoint.part(f"{kind}.{name}")
                  for kind, modules in (("networks", stage.networks), ("ema", run.ema)) for name in modules}
    for kind, modules in (("networks", stage.networks), ("ema", run.ema)):
        for name, module in modules.items():
            fresh = _load_what_fits(module, states.get(f"{kind}.{name}", {}))
            if fresh and kind == "networks":
                say(run, f"{name}: {len(fresh)} tensors start afresh ({fresh[0]}{', ...' * (len(fresh) > 1)})")
    say(run, f"started from {path}")


def _load_what_fits(module: nn.Module, state: dict[str, Tensor]) -> list[str]:
    """Load the tensors that have a place of their shape in the module; -> the names of those it keeps."""
    own = module.state_dict()
    fitting = {name: value for name, value in state.items() if name in own and own[name].shape == value.shape}
    module.load_state_dict(fitting, strict=False)
    return [name for name in own if name not in fitting]


def _require_stage(checkpoint: Checkpoint, stage: Stage) -> None:
    if checkpoint.meta.get("stage") != stage.name:
        raise TrainError(f"{checkpoint.path} is of the stage {checkpoint.meta.get('stage')!r}, not {stage.name!r}")


def _load_networks(stage: Stage, run: Run, checkpoint: Checkpoint) -> None:
    _require_stage(checkpoint, stage)
    for kind, modules in (("networks", stage.networks), ("ema", run.ema)):
        for name, module in modules.items():
            try:
                module.load_state_dict(checkpoint.part(f"{kind}.{name}"))
            except RuntimeError as error:
                first = str(error).replace("\n", " ")[:300]
                raise TrainError(f"{checkpoint.path} does not fit the {name} of this configuration: {first}") from error


def _broadcast_networks(run: Run) -> None:
    """Every process starts from the main one's weights, even where a stage was built before seeding."""
    if run.accelerator.num_processes == 1:
        return
    from accelerate.utils import broadcast

    with torch.no_grad():
        for module in [*run.networks.values(), *run.ema.values()]:
            for tensor in [*module.parameters(), *module.buffers()]:
                tensor.copy_(broadcast(tensor.detach().contiguous()))


def checkpoint_folder(config: LoopConfig) -> Path:
    """Where a run keeps its checkpoints."""
    return Path(config.out) / "checkpoints"


def facts(stage: Stage, run: Run, before: dict[str, Any], minutes: float) -> dict[str, Any]:
    """What a checkpoint says of itself. before: the facts of the one resumed. minutes: since then."""
    hardware = _hardware(run.device, run.accelerator.num_processes)
    seen = before.get("hardware", [])
    return {
        "stage": stage.name,
        "samples_seen": run.samples_seen,
        "step": run.step,
        "seed": run.config.seed,
        "minutes": round(before.get("minutes", 0.0) + minutes, 2),
        "hardware": seen if hardware in seen else [*seen, hardware],
        "torch": torch.__version__,
        "mixed_precision": run.config.mixed_precision,
        "batch": run.config.batch * run.config.accumulate * run.accelerator.num_processes,
        "model": asdict(stage.config) if hasattr(stage, "config") else {},
        "provenance": stage.provenance(),
    }


def _hardware(device: torch.device, processes: int) -> str:
    kind = torch.cuda.get_device_name(device) if device.type == "cuda" else f"{platform.machine()} CPU"
    return f"{processes} x {kind}, {os.cpu_count()} cores"


def save(stage: Stage, run: Run, meta: dict[str, Any]) -> Path:
    """The main process writes; the state is alike everywhere, so that one copy is all of it."""
    path = checkpoint_folder(run.config) / f"{run.samples_seen:010d}.safetensors"
    if not run.accelerator.is_main_process:
        return path
    tensors: dict[str, Tensor] = {}
    for kind, modules in (("networks", stage.networks), ("ema", run.ema)):
        for name, module in modules.items():
            tensors |= {f"{kind}.{name}.{k}": v for k, v in module.state_dict().items()}
    meta = {**meta, "optimizers": {}}
    for name, optimizer in stage.optimizers.items():
        flat, meta["optimizers"][name] = pack_optimizer(optimizer)
        tensors |= {f"optimizers.{name}.{k}": v for k, v in flat.items()}
    tensors |= {f"random.{k}": v for k, v in random_states(run.generator).items()}
    return write_checkpoint(checkpoint_folder(run.config), Checkpoint(tensors, meta), run.config.keep)


def say(run: Run, message: str) -> None:
    """Log once, however many processes there are."""
    if run.accelerator.is_main_process:
        logger.info("%s", message)
