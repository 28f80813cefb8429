"""The rolling instance classifier: the "momentum" in the paper's mutual-information minimisation."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class RollingIdentity(nn.Module):
    """Two linear heads that name which picture of the current set a feature came from.

    The set is a window of `classes` consecutive picture numbers that moves on every `period` pictures seen; the heads
    are then re-initialised, so they never grow with the data set and never over-train. One head reads style (the
    style encoder is trained to please it), one reads content (the content encoder is trained to leave it clueless).
    """

    def __init__(self, style_dim: int, content_dim: int, classes: int, period: int) -> None:
        super().__init__()
        self.classes, self.period = classes, period
        self.style = nn.Linear(style_dim, classes)
        self.content = nn.Linear(content_dim, classes)
        self.register_buffer("epoch", torch.tensor(0))

    def roll(self, pictures: int) -> bool:
        """Move the window if its time has come; True where the heads were re-initialised."""
        epoch = pictures // self.period
        if epoch == int(self.epoch):
            return False
        self.epoch.fill_(epoch)
        for head in (self.style, self.content):
            head.reset_parameters()
        return True

    def labels(self, index: Tensor, count: int) -> Tensor:
        """Picture numbers (B,) -> class in the current window of a data set of `count` pictures, or -1."""
        start = int(self.epoch) * self.classes % max(count, 1)
        position = (index - start) % count
        return torch.where(position < self.classes, position, -1)

    def of_style(self, vector: Tensor, frozen: bool) -> Tensor:
        """(B,style_dim) -> (B,classes); frozen: gradients reach the vector only."""
        return _read(self.style, vector, frozen)

    def of_content(self, features: Tensor, frozen: bool) -> Tensor:
        """(B,C,h,w) -> (B,classes); frozen: gradients reach the features only."""
        return _read(self.content, F.adaptive_avg_pool2d(features, 1).flatten(1), frozen)


def _read(head: nn.Linear, x: Tensor, frozen: bool) -> Tensor:
    # Zero mean, unit variance per sample: identity must be read from the pattern, not from a growing scale.
    x = F.layer_norm(x.float(), x.shape[1:])
    return F.linear(x, head.weight.detach(), head.bias.detach()) if frozen else head(x)
