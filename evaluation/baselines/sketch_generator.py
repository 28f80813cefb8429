"""TOM's generator: frozen VGG features in, ink out. Pictures train it, snapshots of one run are its styles.

A rival extractor as it is, and in training what teaches ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2i.config import SketchGeneratorConfig
from s2i.layers.norm import ChannelRMSNorm

POOL_CHANNELS = (64, 128, 256)


class SketchGenerator(nn.Module):
    """VGG16 pool1, pool2, pool3: (B,64,H/2,W/2), (B,128,H/4,W/4), (B,256,H/8,W/8) -> ink (B,1,H,W) in [0,1].

    The authors' generator reads pool3 alone, which rounds contours and turns fine detail into hatching; the two finer
    pools enter here as skips. Source: "train once and get multiple transfers", Liu et al., AAAI 2021.
    """

    def __init__(self, config: SketchGeneratorConfig) -> None:
        super().__init__()
        widths = (config.width // 2, config.width, 2 * config.width)  # at /2, /4, /8
        self.reads = nn.ModuleList(
            nn.Sequential(ChannelRMSNorm(c, affine=False), nn.Conv2d(c, w, 1))
            for c, w in zip(POOL_CHANNELS, widths, strict=True)
        )
        self.convs = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1)
            for a, b in zip(reversed(widths), (*reversed(widths[:-1]), widths[0] // 2), strict=True)
        )
        self.enter = nn.Conv2d(widths[2], widths[2], 3, padding=1)
        self.out = nn.Conv2d(widths[0] // 2, 1, 3, padding=1)
        nn.init.constant_(self.out.bias, -2.0)

    def forward(self, pools: Sequence[Tensor]) -> Tensor:
        x = F.silu(self.enter(self.reads[2](pools[2])))
        for step, conv in enumerate(self.convs):
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = conv(x)
            if step < 2:
                x = x + self.reads[1 - step](pools[1 - step])
            x = F.leaky_relu(x, 0.1)
        return torch.sigmoid(self.out(x))
