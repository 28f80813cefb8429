"""The paper's kind of discriminator: trained from pixels, for its own configuration alone."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from s2i.config import DiscriminatorConfig
from s2i.layers.pyramid import Pyramid, StridedDown
from s2i.layers.residual import ResidualBlock
from s2i.layers.stems import OverlappingStem


class PaperDiscriminator(nn.Module):
    """Picture (B,3,H,W), or picture and ink (B,4,H,W) -> patch logits of the coarsest and the second level, (B,N).

    The picture is in [-1,1], the ink in [0,1]; `config.inputs` says whether there is one. With the ink a painting that
    ignores the drawing is as wrong as an ugly one. No normalisation: statistics of the batch tell real from fake for
    the wrong reason.
    """

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        widths = config.widths
        self.stem = OverlappingStem(config.inputs, widths[0])
        self.pyramid = Pyramid(widths, (1,) * len(widths), block=partial(ResidualBlock, norm=False), down=StridedDown)
        self.out = nn.ModuleList(nn.Conv2d(w, 1, 1) for w in (widths[-1], widths[1]))

    def forward(self, x: Tensor) -> Tensor:
        features = self.pyramid(self.stem(x))
        return torch.cat([out(f).flatten(1) for out, f in zip(self.out, (features[-1], features[1]), strict=True)], 1)
