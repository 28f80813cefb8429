"""Checkpoints: one safetensors file each, written atomically, verified when read, rotated. Never a pickle."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.optim import Optimizer

from s2i.machine.atomic_file import atomic_file

from ..errors import TrainError

logger = logging.getLogger(__name__)

FORMAT = "s2i-checkpoint"
NAME = re.compile(r"(\d{10})\.safetensors")


@dataclass(frozen=True)
class Checkpoint:
    """tensors: flat, by name ("networks.generator.…", "ema.…", "optimizers.…", "random.…"). meta: JSON."""

    tensors: dict[str, Tensor]
    meta: dict[str, Any]
    path: Path | None = None

    def part(self, prefix: str) -> dict[str, Tensor]:
        """The tensors under "prefix.", without it."""
        start = prefix + "."
        return {name[len(start) :]: t for name, t in self.tensors.items() if name.startswith(start)}


def checkpoints_in(folder: Path) -> list[Path]:
    """The checkpoints of a folder, oldest first."""
    return sorted(p for p in folder.glob("*.safetensors") if NAME.fullmatch(p.name))


def write_checkpoint(folder: Path, checkpoint: Checkpoint, keep: int = 3) -> Path:
    """Write FOLDER/<pictures, 10 digits>.safetensors and delete all but the newest `keep`.

    The file appears under its name only when it is complete and on the disk. Raises `TrainError` where it cannot be
    written; older checkpoints are then untouched.
    """
    path = folder / f"{checkpoint.meta['samples_seen']:010d}.safetensors"
    tensors = {name: t.detach().cpu().contiguous() for name, t in checkpoint.tensors.items()}
    header = {"format": FORMAT, "meta": json.dumps(checkpoint.meta), "digest": _digest(tensors)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_file(path) as temporary:
            save_file(tensors, temporary, header)
            _flush(temporary)
    except (OSError, SafetensorError) as error:
        left = checkpoints_in(folder) if folder.is_dir() else []
        intact = f"the previous one, {left[-1]}, is intact" if left else "there is no earlier one"
        raise TrainError(f"cannot write the checkpoint {path}: {error}; {intact}. Make room and resume") from error
    for old in checkpoints_in(folder)[: -max(1, keep)]:
        old.unlink(missing_ok=True)
    return path


def file_format(path: Path) -> str:
    """What a safetensors file says it is: this `FORMAT`, a bundle's, or ""."""
    try:
        with safe_open(path, "pt") as file:
            return (file.metadata() or {}).get("format", "")
    except (OSError, SafetensorError):
        return ""


def read_checkpoint(path: Path) -> Checkpoint:
    """Raises `TrainError` where the file is missing, damaged or something else."""
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT:
                raise TrainError(f"{path} is not a training checkpoint of s2i")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise TrainError(f"the checkpoint {path} cannot be read: {error}") from error
    if _digest(tensors) != header.get("digest"):
        raise TrainError(f"the checkpoint {path} is damaged: its contents do not match its checksum")
    return Checkpoint(tensors, json.loads(header["meta"]), path)


def find_checkpoint(folder: Path, wanted: str) -> Checkpoint | None:
    """What `--resume WANTED` means: "latest" in `folder`, or a path.

    "latest" passes over damaged files with a warning, gives None where there is no checkpoint at all, and raises
    `TrainError` where all are damaged. A path that cannot be read is an error.
    """
    if wanted != "latest":
        path = Path(wanted)
        inside = checkpoints_in(path / "checkpoints") or checkpoints_in(path) if path.is_dir() else [path]
        if not inside:
            raise TrainError(f"there is no checkpoint in {path}")
        return read_checkpoint(inside[-1])
    found = checkpoints_in(folder)
    for path in reversed(found):
        try:
            return read_checkpoint(path)
        except TrainError as error:
            logger.warning("%s; trying the one before it", error)
    if found:
        raise TrainError(f"every checkpoint in {folder} is damaged: move them away to start afresh")
    return None


# -- optimisers as flat tensors -------------------------------------------------------------------------------------


def pack_optimizer(optimizer: Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """-> tensors named "<parameter number>.<entry>", and JSON for what is not a tensor."""
    state = optimizer.state_dict()
    tensors, plain = {}, {}
    for number, entries in state["state"].items():
        for name, value in entries.items():
            (tensors if isinstance(value, Tensor) else plain)[f"{number}.{name}"] = value
    return tensors, {"plain": plain, "parameters": [len(g["params"]) for g in state["param_groups"]]}


def unpack_optimizer(optimizer: Optimizer, tensors: dict[str, Tensor], rest: dict[str, Any]) -> None:
    """Undo `pack_optimizer`; rates, betas and the like stay the optimiser's own: the configuration decides them.

    Raises ValueError where the optimiser holds other parameters.
    """
    groups = optimizer.state_dict()["param_groups"]
    if [len(g["params"]) for g in groups] != rest["parameters"]:
        raise ValueError("its optimisers hold other parameters")
    parameters = [p for g in optimizer.param_groups for p in g["params"]]
    state: dict[int, dict[str, Any]] = {}
    for key, value in (tensors | rest["plain"]).items():
        number, name = key.split(".", 1)
        state.setdefault(int(number), {})[name] = like_memory(parameters[int(number)], value)
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def like_memory(parameter: Tensor, value: Any) -> Any:
    """`value` laid out in memory as `parameter` is, where it is a tensor of its shape: fused optimisers walk through
    both in the order of memory, whatever their strides."""
    if not isinstance(value, Tensor) or value.shape != parameter.shape or value.stride() == parameter.stride():
        return value
    return torch.empty_like(parameter, dtype=value.dtype, device=value.device, requires_grad=False).copy_(value)


def _digest(tensors: dict[str, Tensor]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(tensors):
        digest.update(f"{name}{tuple(tensors[name].shape)}{tensors[name].dtype}".encode())
        digest.update(tensors[name].contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _flush(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
