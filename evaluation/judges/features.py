"""Pictures as the judge sees them: one pass gives what KID and style retrieval need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .thin_resnet50 import ThinResNet50, prepare

_STYLE_MAPS = 4  # all but the coarsest: colour, contrast and texture rather than objects


@dataclass(frozen=True)
class Features:
    """pooled (N,1984): means of all five maps, for KID: grain and brushwork in the fine ones, what is depicted in the
    coarse. style: per map but the last (N,2C), channel means, then deviations."""

    pooled: np.ndarray
    style: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.pooled)

    def __getitem__(self, rows: np.ndarray) -> Features:
        return Features(self.pooled[rows], tuple(s[rows] for s in self.style))


@torch.inference_mode()
def judge_features(judge: ThinResNet50, pictures: np.ndarray, batch: int = 8) -> Features:
    """(N,H,W,3) uint8 -> their features."""
    pooled, style = [], []
    for start in range(0, len(pictures), batch):
        maps = judge(prepare(pictures[start : start + batch]))
        pooled.append(torch.cat([m.mean((2, 3)) for m in maps], 1))
        style.append([_statistics(m) for m in maps[:_STYLE_MAPS]])
    layers = tuple(torch.cat(layer).numpy() for layer in zip(*style, strict=True))
    return Features(torch.cat(pooled).numpy(), layers)


def _statistics(feature_map: Tensor) -> Tensor:
    return torch.cat([feature_map.mean((2, 3)), feature_map.std((2, 3))], 1)
