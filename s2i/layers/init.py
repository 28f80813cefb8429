"""Where networks start from."""

from __future__ import annotations

from torch import nn


def zero_biases(module: nn.Module) -> None:
    """Set the bias of every convolution below `module` to zero.

    Blank paper then gives features of exactly zero. A constant would dominate each pixel's norm, and where the ink is
    would start as a small perturbation of it: per-pixel norms, unlike instance norm, do not subtract it.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d) and layer.bias is not None:
            nn.init.zeros_(layer.bias)
