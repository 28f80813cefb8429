"""The field's usual judges, where they can be had: packages and weights that this project neither ships nor requires.

inception: the InceptionV3 of FID and KID, by torch-fidelity. lpips: LPIPS on AlexNet, by its authors' package; its
VGG16 would be a relative of the nets that losses look through. Both fetch their weights once, into torch's cache.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .errors import EvaluationError

INCEPTION, LPIPS = "inception", "alex"
INSTALL = "pip install lpips==0.1.4 torch-fidelity==0.4.0 (with the torchvision that belongs to your torch)"


@dataclass(frozen=True)
class Judges:
    """What may look on beside EfficientNet-Lite0. inception: uint8 (B,3,H,W) -> (B,2048) pooled features and (B,P,192)
    features by place. lpips: two images (B,3,H,W) in [-1,1] -> (B,1,1,1) distances."""

    inception: nn.Module | None = None
    lpips: nn.Module | None = None


NO_MORE_JUDGES = Judges()


class InceptionFeatures(nn.Module):
    """uint8 (B,3,H,W) -> the 2048 pooled features that FID and KID read, (B,2048), and the 192 maps before the first
    mixed block, (B,35*35,192), which are enough samples for a Frechet distance between small sets."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net, self._map = net, None
        net.MaxPool_2.register_forward_hook(self._keep)

    def _keep(self, layer: nn.Module, inputs: object, output: Tensor) -> None:
        self._map = output

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        (pooled,) = self.net(pixels)
        patches, self._map = self._map.flatten(2).mT, None
        return pooled, patches


def load_inception() -> nn.Module:
    """torch-fidelity's InceptionV3, TensorFlow's weights of 2015 as in every published FID. Raises `EvaluationError`
    saying how to get what is missing."""

    def load() -> nn.Module:
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

        return InceptionFeatures(FeatureExtractorInceptionV3(INCEPTION, ["2048"]))

    return _load(load, "inception", "weights-inception-2015-12-05-6726825d.pth")


def load_lpips() -> nn.Module:
    """LPIPS 0.1 on AlexNet (Zhang et al. 2018), the authors' own. Raises `EvaluationError` as `load_inception` does."""

    def load() -> nn.Module:
        from lpips import LPIPS as Distance  # noqa: N811

        return Distance(net=LPIPS, verbose=False)

    return _load(load, f"LPIPS-{LPIPS}", "alexnet-owt-7be5be79.pth")


def load_judges(inception: bool = False, lpips: bool = False) -> Judges:
    return Judges(load_inception() if inception else None, load_lpips() if lpips else None)


def _load(load: Callable[[], nn.Module], what: str, file: str) -> nn.Module:
    try:
        with _tensors_only():
            return load().eval().requires_grad_(False)
    except ImportError as error:
        raise EvaluationError(f"{what} needs a package that is not here ({error}): {INSTALL}") from None
    except OSError as error:  # what urllib raises for every way in which a download fails
        raise EvaluationError(
            f"the weights of {what} cannot be fetched ({error}): on a machine with a network, run this once and copy "
            f"{file} into {os.path.join(torch.hub.get_dir(), 'checkpoints')} here"
        ) from None


@contextmanager
def _tensors_only() -> Iterator[None]:
    """The packages would unpickle whatever a weights file holds: let torch read nothing but tensors from it."""
    name = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
