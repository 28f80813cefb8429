"""A discriminator that sees through a frozen trunk, and its hinge losses.

Source: Sauer, Chitta, Müller & Geiger, "Projected GANs converge faster", 2021.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

_MIXED = (64, 64, 128, 256)  # channels after mixing, fine to coarse
_HEAD = 128
_SUM_SCALE = 0.7  # keeps the variance when two maps are added


class FeatureMixing(nn.Module):
    """Fixed random mixing of a trunk's maps: across channels by 1x1, across scales from coarse to fine by 3x3 kernels.

    (B,C_i,h_i,w_i), fine to coarse -> as many maps with `_MIXED` channels. The weights are random and never trained:
    they spread what the trunk sees so that no head can settle on a few channels (sec. 3.2 there).
    """

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.across_channels = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in zip(channels, _MIXED, strict=True))
        self.across_scales = nn.ModuleList(nn.Conv2d(b, a, 3, padding=1) for a, b in pairwise(_MIXED))
        for conv in [*self.across_channels, *self.across_scales]:
            nn.init.kaiming_normal_(conv.weight, nonlinearity="linear")
            nn.init.zeros_(conv.bias)
        self.requires_grad_(False)

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        mixed = [conv(f) for conv, f in zip(self.across_channels, features, strict=True)]
        out = [mixed[-1]]
        for fine, conv in zip(reversed(mixed[:-1]), reversed(self.across_scales), strict=True):
            above = F.interpolate(out[-1], size=fine.shape[-2:], mode="bilinear")
            out.append((fine + conv(above)) * _SUM_SCALE)
        return out[::-1]


class ScoreHead(nn.Module):
    """Mixed features (B,C,h,w) and ink (B,1,H,W) -> scores (B,1,h',w'), float32.

    The ink is shrunk to the map and added through a 1x1 convolution: a blank one adds the same everywhere, which is
    how the ink is hidden from the head. halvings: strided convolutions before the last two.
    """

    def __init__(self, channels: int, halvings: int) -> None:
        super().__init__()
        self.ink = nn.Conv2d(1, channels, 1)
        layers: list[nn.Module] = []
        for _ in range(halvings):
            layers += [spectral_norm(nn.Conv2d(channels, _HEAD, 4, 2, 1)), nn.LeakyReLU(0.2)]
            channels = _HEAD
        layers += [spectral_norm(nn.Conv2d(channels, _HEAD, 3, padding=1)), nn.LeakyReLU(0.2)]
        layers += [spectral_norm(nn.Conv2d(_HEAD, 1, 3, padding=1))]
        self.layers = nn.Sequential(*layers)

    def forward(self, features: Tensor, ink: Tensor) -> Tensor:
        size = features.detach().float().square().mean().sqrt() + 1e-4  # spectral norms need inputs of about one
        shrunk = F.adaptive_avg_pool2d(ink, features.shape[-2:]).to(features.dtype)
        return self.layers(features / size.to(features.dtype) + self.ink(shrunk)).float()


class ProjectedDiscriminator(nn.Module):
    """Four heads over mixed trunk features, each with the ink: (features, ink) -> four score maps, fine to coarse.

    features: the trunk's maps at strides 4, 8, 16, 32 with these channels. ink (B,1,H,W) in [0,1]; blank hides it. The
    trunk is not part of it: its pass is shared with the losses on features.
    """

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.mixing = FeatureMixing(channels)
        self.heads = nn.ModuleList(ScoreHead(c, max(0, 2 - i)) for i, c in enumerate(_MIXED))

    def score(self, mixed: Sequence[Tensor], ink: Tensor) -> list[Tensor]:
        """From maps that `mixing` made: a real picture's serve twice, with its own ink and with another's."""
        return [head(f, ink) for head, f in zip(self.heads, mixed, strict=True)]

    def forward(self, features: Sequence[Tensor], ink: Tensor) -> list[Tensor]:
        return self.score(self.mixing(features), ink)


def hinge_generator(fake: Sequence[Tensor], weight: Tensor) -> Tensor:
    """What the painter lowers: minus the score of its pictures, summed over heads; a scalar.

    fake: score maps (B,1,h,w), one per head. weight (B,), of each picture.
    """
    return -sum((weight.view(-1, 1, 1, 1) * scores).mean() for scores in fake)


def hinge_discriminator(fake: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Fakes below -1, reals above 1, summed over heads; a scalar (Lim & Ye, "Geometric GAN", 2017)."""
    return sum(F.relu(1 + a).mean() + F.relu(1 - b).mean() for a, b in zip(fake, real, strict=True))


def hinge_mismatch(wrong: Sequence[Tensor], weight: Tensor) -> Tensor:
    """A real picture with another picture's ink is a fake, too; a scalar. weight (B,): 0 where an ink is hidden.

    The matching-aware negative of Reed et al., "Generative adversarial text to image synthesis", 2016, sec. 4.2.
    """
    return sum((weight.view(-1, 1, 1, 1) * F.relu(1 + scores)).mean() for scores in wrong)


def accuracy(fake: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Share of right signs, averaged over heads and both kinds: .5 is guessing; a scalar."""
    shares = [(a < 0).float().mean() + (b > 0).float().mean() for a, b in zip(fake, real, strict=True)]
    return torch.stack(shares).mean() / 2
