"""TOM's losses, one function an equation: "train once and get multiple transfers" (Liu et al., AAAI 2021).

A generator draws a photo's content as real, unpaired sketches are drawn, judged on frozen VGG features only.
Everything here is a mean over pictures of a per-picture quantity: no Gram matrix or moment mixes two pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

_MAP = (128, 16, 16)  # a Gram matrix folded for the critic: 128 x 256 values


def gram(features: Tensor) -> Tensor:
    """(B,C,H,W) -> (B,C,C): each picture's own channel correlations, independent of its size."""
    c, h, w = features.shape[1:]
    with torch.autocast(features.device.type, enabled=False):  # sums over thousands of pixels: never in half precision
        x = features.flatten(2).float()
        return torch.bmm(x, x.transpose(1, 2)) / (c * h * w)


def gram_map(grams: Sequence[Tensor]) -> Tensor:
    """Gram matrices [(B,C,C), ...] -> (B, 128 * len, 16, 16), what the critic looks at."""
    return torch.cat([F.adaptive_avg_pool2d(g[:, None], (128, 256)).reshape(len(g), *_MAP) for g in grams], 1)


def moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """Each picture's mean and standard deviation by channel, two of (B,C,1,1)."""
    x = features.float()
    return x.mean((2, 3), keepdim=True), x.std((2, 3), keepdim=True) + 1e-4


def adain(content: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
    """Content features (B,C,H,W) with the moments of a sketch's (Huang & Belongie 2017): the feature target."""
    own_mean, own_deviation = moments(content)
    return (content.float() - own_mean) / own_deviation * deviation + mean


def feature_loss(drawn: Tensor, target: Tensor) -> Tensor:
    """Squared distance, relative to the target's own size, so that a weight means the same for every feature net."""
    return F.mse_loss(drawn.float(), target) / target.square().mean()


def gram_loss(drawn: Sequence[Tensor], real: Sequence[Tensor], scales: Sequence[Tensor]) -> Tensor:
    """Mean over layers of the squared distance between each picture's Gram matrices and its sketch's. scales: the
    mean square of real sketches' Gram matrices, by layer."""
    terms = [(a - b).square().mean() / s for a, b, s in zip(drawn, real, scales, strict=True)]
    return torch.stack(terms).mean()


def hinge_critic(real: Tensor, fake: Tensor) -> Tensor:
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def indecision(ink: Tensor) -> Tensor:
    """Zero where every pixel is either ink or paper: a pen has no grey wash."""
    return (ink * (1 - ink)).mean()


def lead_loss(ink: Tensor, lines: Tensor) -> Tensor:
    """How far ink (B,1,H,W) is from a line drawing of the same picture: cross-entropy and one minus Dice."""
    p = ink.float().clamp(1e-4, 1 - 1e-4)
    cross = F.binary_cross_entropy(p, lines, weight=1 + 4 * lines)
    both, own, theirs = (p * lines).sum((1, 2, 3)), p.square().sum((1, 2, 3)), lines.square().sum((1, 2, 3))
    return cross + 0.3 * (1 - ((2 * both + 1) / (own + theirs + 1)).mean())
