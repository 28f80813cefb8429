"""AdaIN style transfer (Huang & Belongie 2017) of the drawing, through the offline VGG trunk."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2i.imaging.ink import resize_ink
from s2i.imaging.sizes import resize_area

from .flat_fill import flat_fill


class AdaIN:
    """Painter. trunk: image (B,3,H,W) in [-1,1] -> feature maps, finest first (see `hed.VGGTrunk`).

    The paper inverts its target features (the content's, renormalised to the reference's channel means and
    deviations) with a decoder trained on 80,000 photos; here gradient descent on the pixels inverts them, which needs
    no training and is slower: `steps` passes at a short side of `side` pixels.
    """

    def __init__(self, trunk: nn.Module, steps: int = 60, side: int = 128, rate: float = 0.04) -> None:
        self.trunk, self.steps, self.side, self.rate = trunk, steps, side, rate

    def __call__(self, ink: Tensor, reference: Tensor) -> Tensor:
        size = tuple(ink.shape[-2:])
        small = tuple(round(s * self.side / min(size)) for s in size)
        ink = resize_ink(ink, small)
        with torch.no_grad():
            style = self.trunk(resize_area(reference, small))
            start = flat_fill(ink, reference)
            target = adaptive_instance_norm(self.trunk(start)[-1], style[-1])
        image = start.clone().requires_grad_(True)
        optimizer = torch.optim.Adam([image], self.rate)
        for _ in range(self.steps):
            optimizer.zero_grad()
            made = self.trunk(image.clamp(-1, 1))
            loss = F.mse_loss(made[-1], target) / target.square().mean() + 3 * _statistics_loss(made, style)
            loss.backward()
            optimizer.step()
        return resize_area(image.detach().clamp(-1, 1), size)


def adaptive_instance_norm(content: Tensor, style: Tensor) -> Tensor:
    """(B,C,H,W) twice -> the content's map with the style's channel means and deviations."""
    axes = (2, 3)
    normal = (content - content.mean(axes, keepdim=True)) / content.std(axes, keepdim=True).clamp_min(1e-3)
    return normal * style.std(axes, keepdim=True) + style.mean(axes, keepdim=True)


def _statistics_loss(made: Sequence[Tensor], style: Sequence[Tensor]) -> Tensor:
    terms = []
    for a, b in zip(made, style, strict=True):
        for x, y in ((a.mean((2, 3)), b.mean((2, 3))), (a.std((2, 3)), b.std((2, 3)))):
            terms.append(F.mse_loss(x, y) / y.square().mean().clamp_min(1e-6))
    return torch.stack(terms).mean()
