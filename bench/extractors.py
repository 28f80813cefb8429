"""Today's sketch extractors, for speed only: their weights are random."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor, nn

from evaluation.baselines.hed import EdgeNet, VGGTrunk
from evaluation.baselines.sketch_generator import SketchGenerator
from s2i.config import SketchGeneratorConfig
from s2i.errors import S2IError

Step = Callable[[], object]


def extractor_contenders(size: int, dtype: torch.dtype, controlnet_aux: Path | None = None) -> dict[str, Step]:
    """Forward passes over a size² picture: HED (ControlNet's SoftEdge), TOM on VGG16 at the paper's width, and, out of
    the controlnet-aux wheel where one is given, PiDiNet and TEED. bf16 runs them under autocast."""
    nets: dict[str, nn.Module] = {"HED": EdgeNet(), "TOM with VGG16, paper's width": _Tom()}
    if controlnet_aux:
        nets |= _from_wheel(controlnet_aux)
    image = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0)) * 2 - 1
    image = image.contiguous(memory_format=torch.channels_last)
    return {name: _step(net, image, dtype) for name, net in nets.items()}


def _step(net: nn.Module, image: Tensor, dtype: torch.dtype) -> Step:
    net = net.eval().requires_grad_(False).to(memory_format=torch.channels_last)

    def step() -> object:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            return net(image)

    return step


class _Tom(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.trunk, self.generator = VGGTrunk(3), SketchGenerator(SketchGeneratorConfig(width=128))

    def forward(self, image: Tensor) -> Tensor:
        return self.generator(self.trunk.pools(image))


def _from_wheel(wheel: Path) -> dict[str, nn.Module]:
    """The package itself imports a dozen others that its networks do not need: enter it by the side doors."""
    if not wheel.is_file():
        raise S2IError(f"{wheel} does not exist: get it with `pip download --no-deps controlnet-aux==0.0.10`")
    for name in ("controlnet_aux", "controlnet_aux.pidi", "controlnet_aux.teed"):
        module = ModuleType(name)
        module.__path__ = [f"{wheel}/{name.replace('.', '/')}"]
        sys.modules[name] = module
    nets: dict[str, nn.Module] = {}
    for name, path, make in (("PiDiNet", "pidi.model", "pidinet"), ("TEED", "teed.ted", "TED")):
        try:
            nets[name] = getattr(importlib.import_module(f"controlnet_aux.{path}"), make)()
        except ImportError as error:
            sys.stderr.write(f"{name} is left out: {error}\n")
    return nets
