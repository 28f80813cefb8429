"""The state of a run, as a stage's step sees it."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ..errors import TrainError
from .checkpoints import like_memory

if TYPE_CHECKING:
    from accelerate import Accelerator

    from .loop_config import LoopConfig


class Run:
    """samples_seen: pictures so far, over all processes. step: optimiser steps so far. networks, ema: by name.

    generator: a CPU generator, alike on every process and checkpointed. seconds: time spent, by kind. Networks stay
    bare modules: gradients are averaged over processes in `update`, one message per optimiser, which unlike a
    wrapper allows several forward passes per backward, frozen critics and penalties on gradients.
    """

    def __init__(
        self,
        networks: dict[str, nn.Module],
        optimizers: dict[str, Optimizer],
        config: LoopConfig,
        accelerator: Accelerator,
        generator: torch.Generator,
    ) -> None:
        self.accelerator, self.generator, self.config = accelerator, generator, config
        self.networks: dict[str, nn.Module] = networks
        self.ema: dict[str, nn.Module] = {}
        self.optimizers = {n: accelerator.prepare_optimizer(o) for n, o in optimizers.items()}
        self.rates = {n: [g["lr"] for g in o.param_groups] for n, o in optimizers.items()}
        self.samples_seen = self.step = 0
        self.factor = 1.0  # share of the full learning rate
        self.last_part = True  # the last batch of an accumulated step
        self.batch: dict[str, Tensor] = {}
        self.seconds: dict[str, float] = defaultdict(float)
        self._finite: list[Tensor] = []

    @property
    def device(self) -> torch.device:
        return self.accelerator.device

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of a scalar `loss` (a mean over this batch)."""
        begin = time.perf_counter()
        self._finite.append(torch.isfinite(loss.detach()).all())
        self.accelerator.backward(loss / self.config.accumulate)
        self._clock("backward", begin)

    def update(self, name: str, *, clip: bool = True) -> None:
        """One step of the optimiser `name` from the gradients so far: averaged over processes, checked, clipped.

        clip: False leaves large gradients as they are, where something else bounds the network (spectral norms).
        Raises `TrainError` on all processes, with the batches saved, where a loss or gradient of any is not finite.
        """
        if not self.last_part:
            return
        begin = time.perf_counter()
        optimizer = self.optimizers[name]
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        self._average(parameters)
        for parameter in parameters:
            parameter.grad = like_memory(parameter, parameter.grad)
        gradients = [p.grad for p in parameters if p.grad is not None]
        scaler = self.accelerator.scaler
        if scaler is not None:
            self.accelerator.unscale_gradients(optimizer)
        norm = _norm(gradients)
        if scaler is None:
            self._finite.append(torch.isfinite(norm))
        self._check(name)
        if gradients and clip:
            torch._foreach_mul_(gradients, (self.config.clip / (norm + 1e-6)).clamp(max=1.0))
        for group, rate in zip(optimizer.param_groups, self.rates[name], strict=True):
            group["lr"] = rate * self.factor
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        self._clock("optimiser", begin)

    def mean(self, value: Tensor) -> Tensor:
        """The mean over processes of a value that each has its own of; without gradient."""
        return self.accelerator.reduce(value.detach(), "mean")

    def forget(self, name: str) -> None:
        """Let the optimiser `name` start afresh: its network has."""
        self.optimizers[name].optimizer.state.clear()

    def noise(self, samples: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Normal noise (B,*shape), the picture's own whatever its place in the batch. samples: batch["sample"]."""
        parts = [
            torch.randn(shape, generator=torch.Generator().manual_seed(hash((self.config.seed, int(i))) % 2**63))
            for i in samples.tolist()
        ]
        return torch.stack(parts).to(self.device)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _average(self, parameters: list[nn.Parameter]) -> None:
        """The mean of every process's gradients. A parameter that one process did not use counts as zero there."""
        if self.accelerator.num_processes == 1:
            return
        bad = [~f for f in self._finite] or [torch.zeros((), dtype=torch.bool, device=self.device)]
        used = torch.tensor([p.grad is not None for p in parameters], dtype=torch.float32, device=self.device)
        parts = [torch.stack(bad).any().float().reshape(1), used]
        parts += [(p.grad if p.grad is not None else torch.zeros_like(p)).float().reshape(-1) for p in parameters]
        flat = self.accelerator.reduce(torch.cat(parts), "mean")
        bad, used, rest = flat[0], flat[1 : 1 + len(parameters)].tolist(), flat[1 + len(parameters) :]
        self._finite = [bad == 0]
        for parameter, share, mean in zip(parameters, used, rest.split([p.numel() for p in parameters]), strict=True):
            parameter.grad = mean.view_as(parameter) if share else None

    def _check(self, name: str) -> None:
        finite = bool(torch.stack([f.to(self.device) for f in self._finite]).all())
        self._finite.clear()
        if finite:
            return
        folder = Path(self.config.out) / "failed"
        path = folder / f"step{self.step:08d}-process{self.accelerator.process_index}.safetensors"
        saved = self._save_batch(path)
        raise TrainError(
            f"the loss of {name!r} became NaN or infinite at step {self.step} ({self.samples_seen} pictures); {saved}. "
            "Resume from the last checkpoint with a smaller learning rate, or without mixed precision"
        )

    def _save_batch(self, path: Path) -> str:
        from safetensors.torch import save_file

        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            save_file({k: v.detach().cpu().contiguous() for k, v in self.batch.items()}, path)
        except OSError as error:
            return f"its batch could not be saved: {error}"
        return f"its batch is in {path}"

    def _clock(self, kind: str, begin: float) -> None:
        if self.device.type == "cuda" and self.config.profile:
            torch.cuda.synchronize()
        self.seconds[kind] += time.perf_counter() - begin


def _norm(gradients: list[Tensor]) -> Tensor:
    """The 2-norm of all gradients together, a scalar."""
    if not gradients:
        return torch.zeros(())
    return torch.linalg.vector_norm(torch.stack([n.float() for n in torch._foreach_norm(gradients)]))
