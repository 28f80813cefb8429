"""A critic of texture: does this patch belong to the picture that those patches come from?"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

_PATCH = 32  # pixels that every patch is brought to
_SHARES = (1 / 8, 1 / 4)  # of a picture's side
_SHOWN, _JUDGED = 4, 4  # patches of the reference, and of what is judged
_GAIN = 2.0  # pictures have a deviation of about .5, spectral norms need inputs of about one


class PatchCooccurrence(nn.Module):
    """judged, shown (B,K,3,32,32): patches of a picture and of its reference -> scores (B,K), float32.

    Source: Park et al., "Swapping autoencoder for deep image manipulation", 2020, sec. 3.3, with few layers and a
    hinge.
    """

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in ((3, width), (width, 2 * width), (2 * width, 4 * width)):
            layers += [spectral_norm(nn.Conv2d(before, after, 4, 2, 1)), nn.LeakyReLU(0.2)]
        self.features = nn.Sequential(*layers)
        self.score = nn.Sequential(spectral_norm(nn.Linear(8 * width, 4 * width)), nn.LeakyReLU(0.2),
                                   spectral_norm(nn.Linear(4 * width, 1)))

    def forward(self, judged: Tensor, shown: Tensor) -> Tensor:
        mine, theirs = (self._seen(patches) for patches in (judged, shown))
        theirs = theirs.mean(1, keepdim=True).expand_as(mine)
        return self.score(torch.cat([mine, theirs], 2))[..., 0].float()

    def _seen(self, patches: Tensor) -> Tensor:
        seen = self.features(_GAIN * patches.flatten(0, 1)).mean((2, 3))
        return seen.view(*patches.shape[:2], -1)


def random_patches(image: Tensor, generator: torch.Generator) -> Tensor:
    """(B,3,S,S) -> (B,4,3,32,32): squares at random places, alike for the whole batch, of an eighth to a quarter."""
    side, patches = image.shape[-1], []
    for _ in range(_JUDGED):
        share, y, x = torch.rand(3, generator=generator).tolist()
        size = int(side * (_SHARES[0] + share * (_SHARES[1] - _SHARES[0])))
        top, left = int(y * (side - size + 1)), int(x * (side - size + 1))
        square = image[..., top : top + size, left : left + size]
        patches.append(F.interpolate(square, size=(_PATCH, _PATCH), mode="bilinear", align_corners=False))
    return torch.stack(patches, 1)
