"""One random change of colour and place for real and made pictures alike: a critic cannot learn the set by heart."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def differentiable_augment(inputs: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """DiffAugment (Zhao et al. 2020) for a discriminator: (B,C,H,W) shifted, flipped and cut out as one, picture and
    ink together; brightness and contrast of the three picture channels only. strength 0..1."""
    if strength <= 0:
        return inputs
    b, _, h, w = inputs.shape

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator).to(inputs.device)

    scale = 1 + (uniform(b, 1, 1, 1) - 0.5) * 0.6 * strength
    shift = (uniform(b, 1, 1, 1) - 0.5) * 0.4 * strength
    image = inputs[:, :3]
    mean = image.mean((1, 2, 3), keepdim=True)
    x = torch.cat([(image - mean) * scale + mean + shift, inputs[:, 3:]], 1)
    reach = max(1, round(h / 8 * strength))
    dy, dx = (int(v) for v in torch.randint(-reach, reach + 1, (2,), generator=generator))
    x = F.pad(x, (reach,) * 4)[:, :, reach + dy : reach + dy + h, reach + dx : reach + dx + w]
    rows = torch.arange(h, device=x.device)[None, :, None] / h
    columns = torch.arange(w, device=x.device)[None, None, :] / w
    cy, cx = uniform(b, 1, 1), uniform(b, 1, 1)
    half = 0.2 * strength
    hole = ((rows - cy).abs() < half) & ((columns - cx).abs() < half)
    return x * (~hole)[:, None]
