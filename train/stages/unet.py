"""pix2pix's networks (Isola et al. 2017): a U-Net from ink to picture, and a critic of patches."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def _norm(channels: int) -> nn.Module:
    """Per picture, as the paper's batches of one had it."""
    return nn.InstanceNorm2d(channels, affine=True)


class UNet(nn.Module):
    """ink (B,1,H,W) in [0,1] -> image (B,3,H,W) in [-1,1]; sides are padded to a multiple of 2^depth.

    Strided 4x4 convolutions down, transposed ones up, skips between levels of one size; the reference is not asked.
    """

    def __init__(self, width: int = 48, depth: int = 6, most: int = 8) -> None:
        super().__init__()
        widths = [width * min(2**i, most) for i in range(depth)]
        self.down = nn.ModuleList(
            nn.Conv2d(a, b, 4, 2, 1) for a, b in zip([1, *widths[:-1]], widths, strict=True)
        )
        self.down_norms = nn.ModuleList(_norm(w) if 0 < i < depth - 1 else nn.Identity() for i, w in enumerate(widths))
        outs = [*reversed(widths[:-1]), 3]
        ins = [widths[-1], *(2 * w for w in outs[:-1])]
        self.up = nn.ModuleList(nn.ConvTranspose2d(a, b, 4, 2, 1) for a, b in zip(ins, outs, strict=True))
        self.up_norms = nn.ModuleList(_norm(w) if i < depth - 1 else nn.Identity() for i, w in enumerate(outs))
        self.multiple = 2**depth

    def forward(self, ink: Tensor) -> Tensor:
        h, w = ink.shape[-2:]
        x = F.pad(ink, (0, -w % self.multiple, 0, -h % self.multiple)) * 2 - 1
        skips = []
        for i, (conv, norm) in enumerate(zip(self.down, self.down_norms, strict=True)):
            x = norm(conv(F.leaky_relu(x, 0.2) if i else x))
            skips.append(x)
        skips.pop()
        for i, (conv, norm) in enumerate(zip(self.up, self.up_norms, strict=True)):
            if i:
                x = torch.cat([x, skips.pop()], 1)
            x = norm(conv(F.relu(x)))
            if i < 3:  # the paper's only source of randomness
                x = F.dropout(x, 0.5, self.training)
        return torch.tanh(x)[..., :h, :w]


class PatchCritic(nn.Module):
    """(image, ink) as (B,4,H,W) -> (B,1,h,w) scores of overlapping 70x70 patches."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(4, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for a, b, stride in ((1, 2, 2), (2, 4, 2), (4, 8, 1)):
            layers += [nn.Conv2d(a * width, b * width, 4, stride, 1), _norm(b * width), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)
