"""EfficientNet-Lite0's trunk: frozen features that losses compare, critics judge on and references are seen by."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from ..config import TrunkConfig

KERNELS, STRIDES = (3, 3, 5, 3, 5, 5, 3), (1, 2, 2, 2, 1, 2, 1)  # of the seven stages
STRIDES_SEEN = (2, 4, 8, 16, 32)  # of the maps that `forward` returns


class _Conv(nn.Module):
    """A convolution with the padding that TensorFlow's SAME gives at even sizes: one pixel more after than before."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, groups=groups)
        extra = kernel - stride
        self.pad = (extra // 2, extra - extra // 2) * 2

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, self.pad) if any(self.pad) else x)


class _InvertedBottleneck(nn.Module):
    """Expand, filter each channel, project; joined to its input where the shapes agree (Sandler et al. 2018)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.expand = nn.Conv2d(inputs, inner, 1) if expansion > 1 else None
        self.depthwise = _Conv(inner, inner, kernel, stride, groups=inner)
        self.project = nn.Conv2d(inner, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else F.relu6(self.expand(x))
        y = self.project(F.relu6(self.depthwise(y)))
        return x + y if self.residual else y


class PerceptualTrunk(nn.Module):
    """image (B,3,H,W) in [-1,1], sides a multiple of 32 -> five feature maps, strides 2, 4, 8, 16 and 32.

    Each is the last map of its stride, the first the stem's own. Batch norms are folded into the convolutions (see
    train.frozen_nets.efficientnet_lite0, which reads the published weights), so the module has no statistics and no
    modes.
    Source: Tan & Le, "EfficientNet", 2019; the Lite variant leaves out squeeze-and-excitation and has ReLU6.
    """

    def __init__(self, config: TrunkConfig) -> None:
        super().__init__()
        self.stem = _Conv(3, config.stem, 3, 2)
        blocks, inputs = [], config.stem
        for stage, (outputs, repeats) in enumerate(zip(config.channels, config.repeats, strict=True)):
            expansion = config.expansion if stage else 1
            for i in range(repeats):
                stride = 1 if i else STRIDES[stage]
                blocks.append(_InvertedBottleneck(inputs, outputs, KERNELS[stage], stride, expansion))
                inputs = outputs
        self.blocks = nn.ModuleList(blocks)

    @staticmethod
    def channels(config: TrunkConfig) -> tuple[int, ...]:
        """Of the five maps."""
        return (config.stem, config.channels[1], config.channels[2], config.channels[4], config.channels[6])

    def forward(self, image: Tensor) -> list[Tensor]:
        x = F.relu6(self.stem(image))
        maps = [x]
        for block in self.blocks:
            y = block(x)
            if y.shape[-1] != x.shape[-1]:
                maps.append(x)
            x = y
        return [maps[0], *maps[2:], x]  # the second is of the stem's stride again
