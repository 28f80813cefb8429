"""LPIPS: how different two pictures look, place by place, in the features of a named net."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn


@torch.inference_mode()
def lpips_distances(
    net: nn.Module, a: Sequence[np.ndarray], b: Sequence[np.ndarray], batch: int = 8
) -> np.ndarray:
    """Pictures a[i] and b[i] of one size -> (N,), 0 = alike, about 0.7 for unrelated photographs (Zhang et al. 2018).

    net: see `evaluation.judges.load_lpips`. It compares what lies at one place, so it is for outputs that have a right
    answer: a drawing painted after its own picture.
    """
    if len(a) != len(b):
        raise ValueError(f"{len(a)} pictures cannot be compared with {len(b)}")
    parts = [net(_images(a[k : k + batch]), _images(b[k : k + batch])).flatten() for k in range(0, len(a), batch)]
    return torch.cat(parts).numpy()


def _images(pictures: Sequence[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
