"""How bright a picture is, for the classical extractors."""

from __future__ import annotations

from torch import Tensor

_REC709 = (0.2125, 0.7154, 0.0721)


def luminance(image: Tensor) -> Tensor:
    """image (B,3,H,W) in [-1,1] -> (B,1,H,W) float32 in [0,1], with scikit-image's weights (ITU-R BT.709)."""
    weights = image.new_tensor(_REC709).float().view(1, 3, 1, 1)
    return ((image.float() * 0.5 + 0.5) * weights).sum(1, keepdim=True)
