"""The paper's kind of discriminator: trained from pixels, for its own configuration alone."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2i.config import DiscriminatorConfig
from s2i.layers.pyramid import Pyramid
from s2i.layers.residual import ResidualBlock


class PaperDiscriminator(nn.Module):
    """Picture (B,3,H,W), or picture and ink (B,4,H,W) -> patch logits of the coarsest and the second level, (B,N).

    The picture is in [-1,1], the ink in [0,1]; `config.inputs` says whether there is one. With the ink a painting that
    ignores the drawing is as wrong as an ugly one. No normalisation: statistics of the batch tell real from fake for
    the wrong reason.
    """

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        widths = config.widths
        self.stem = _OverlappingStem(config.inputs, widths[0])
        self.pyramid = Pyramid(widths, (1,) * len(widths), block=_BareBlock, down=_strided_down)
        self.out = nn.ModuleList(nn.Conv2d(w, 1, 1) for w in (widths[-1], widths[1]))

    def forward(self, x: Tensor) -> Tensor:
        features = self.pyramid(self.stem(x))
        return torch.cat([out(f).flatten(1) for out, f in zip(self.out, (features[-1], features[1]), strict=True)], 1)


class _OverlappingStem(nn.Module):
    """(B,C,H,W) -> (B,width,H/4,W/4) through two overlapping strided convolutions: folded pixels would blind a critic
    to a grid with the stem's own period."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, max(width // 2, 8), 4, stride=2, padding=1)
        self.conv2 = nn.Conv2d(max(width // 2, 8), width, 4, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(F.silu(self.conv1(x)))


class _BareBlock(ResidualBlock):
    """Without a norm: the scale of a feature is evidence here."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.norm = nn.Identity()


def _strided_down(channels: int, out_channels: int) -> nn.Conv2d:
    return nn.Conv2d(channels, out_channels, 3, stride=2, padding=1)
