"""A picture in, a line drawing out, in the variant one asks for."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ExtractorConfig
from ..imaging.edges.ridge_pen import draw_crests
from ..imaging.pixels.padding import crop_to, pad_to_multiple
from ..imaging.pixels.sizes import resize_area
from ..layers.head import PixelHead
from ..layers.stems import UnshuffleStem
from ..layers.unet import ModulatedUNet

_CODE = 64
SPREAD = 1.1  # sigma of a predicted line's profile, in pixels; training aims at it
PEN = 1.4  # pixels: the width of a line of weight 1
ANALYSIS_SIDE = 512  # larger pictures are looked at with this short side, and drawn at their own


class SketchExtractor(nn.Module):
    """image (B,3,H,W) in [-1,1], variant (B,V), line_weight (B,) -> ink (B,1,H,W) in [0,1].

    variant: weights over the V variants that it was distilled from, one-hot for a pure one; anything between
    interpolates their codes linearly. line_weight: 1 is normal, 2 twice as heavy. Any H and W >= 16.

    The network predicts where lines run (a soft field); a fixed pen then draws along the field's crests. So lines are
    single and crisp, carry no grey wash, may have any weight, and stay smooth in a picture of any size: one whose
    short side is above 512 is looked at in 512 and drawn in full, as a person draws the same lines on larger paper.
    """

    def __init__(self, config: ExtractorConfig) -> None:
        super().__init__()
        w = config.width
        widths = (w, 2 * w, 3 * w)
        self.multiple = 4 * 2 ** (len(widths) - 1)
        self.code = nn.Linear(config.variants, _CODE, bias=False)
        nn.init.normal_(self.code.weight)
        self.stem = UnshuffleStem(3, w, 4)
        depth = config.depth
        self.unet = ModulatedUNet(widths, (1, max(1, depth // 2), depth), (_CODE,) * 3, "affine")
        self.head = PixelHead(w, 3, 4, width=12, out_channels=1)
        nn.init.constant_(self.head.out.bias, -2.0)  # paper is mostly blank

    def logits(self, image: Tensor, variant: Tensor) -> Tensor:
        """The field before its sigmoid (B,1,H,W), for training: exp(-d² / (2 SPREAD²)), d = distance to a line."""
        image, size = pad_to_multiple(image, self.multiple, mode="replicate")
        image = image.contiguous(memory_format=torch.channels_last)
        code = self.code(variant)
        return crop_to(self.head(self.unet(self.stem(image), (code,) * 3), image), size)

    def forward(self, image: Tensor, variant: Tensor, line_weight: Tensor) -> Tensor:
        h, w = image.shape[-2:]
        enlarge = max(1.0, min(h, w) / ANALYSIS_SIDE)
        seen = resize_area(image, (round(h / enlarge), round(w / enlarge)))
        field = F.logsigmoid(self.logits(seen, variant).float())
        if enlarge > 1:
            field = F.interpolate(field, (h, w), mode="bicubic", align_corners=False)
        return draw_crests(field, line_weight * (PEN * enlarge), spread=SPREAD * enlarge).to(image.dtype)
