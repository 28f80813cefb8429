"""TOM's critic: it knows a style by Gram matrices alone."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


class GramCritic(nn.Module):
    """Gram maps (B, 128 * layers, 16, 16) -> logits: is this drawn as a real sketch is?"""

    def __init__(self, layers: int = 3) -> None:
        super().__init__()
        self.net = nn.Sequential(
            spectral_norm(nn.Conv2d(128 * layers, 192, 3, padding=1)),
            nn.LeakyReLU(0.1),
            spectral_norm(nn.Conv2d(192, 96, 3, padding=1)),
            nn.LeakyReLU(0.1),
            nn.AvgPool2d(2),
            spectral_norm(nn.Conv2d(96, 1, 4, stride=2)),
        )

    def forward(self, maps: Tensor) -> Tensor:
        return self.net(maps)
