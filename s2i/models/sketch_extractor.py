"""A picture in, a line drawing out, in the manner one asks for."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..config import ExtractorConfig
from ..images import crop_to, pad_to_multiple
from ..layers.head import PixelHead
from ..layers.pyramid import UnshuffleStem
from ..layers.unet import ModulatedUNet

_CODE = 64


class SketchExtractor(nn.Module):
    """image (B,3,H,W) in [-1,1], variant (B,V), line_weight (B,) -> ink logits' sigmoid (B,1,H,W) in [0,1].

    variant: weights over the V manners of drawing that it was distilled from, one-hot for a pure one; anything between
    two interpolates. line_weight: 1 is normal, 2 twice as heavy. Any H and W: padded inside, cropped back.
    """

    def __init__(self, config: ExtractorConfig) -> None:
        super().__init__()
        w = config.width
        widths = (w, 2 * w, 3 * w)
        self.multiple = 4 * 2 ** (len(widths) - 1)
        self.code = nn.Sequential(nn.Linear(config.variants + 1, _CODE), nn.SiLU(), nn.Linear(_CODE, _CODE))
        self.stem = UnshuffleStem(3, w, 4)
        depth = config.depth
        self.unet = ModulatedUNet(widths, (1, max(1, depth // 2), depth), (_CODE,) * 3, "affine")
        self.head = PixelHead(w, 3, 4, width=12, out_channels=1)
        nn.init.constant_(self.head.out.bias, -2.0)  # paper is mostly blank

    def logits(self, image: Tensor, variant: Tensor, line_weight: Tensor) -> Tensor:
        """The same before the sigmoid, for training."""
        image, size = pad_to_multiple(image, self.multiple, mode="replicate")
        image = image.contiguous(memory_format=torch.channels_last)
        code = self.code(torch.cat([variant, line_weight.log2()[:, None]], 1))
        return crop_to(self.head(self.unet(self.stem(image), (code,) * 3), image), size)

    def forward(self, image: Tensor, variant: Tensor, line_weight: Tensor) -> Tensor:
        return torch.sigmoid(self.logits(image, variant, line_weight))
