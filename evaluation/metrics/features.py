"""Pictures as the judge sees them: one pass gives what KID, the style distance and retrieval need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

JUDGE = "efficientnet_lite0"
_STYLE_LAYERS = 3  # the judge's finest maps: colour, contrast and texture rather than objects


@dataclass(frozen=True)
class JudgeFeatures:
    """semantic (N,D): means of the net's final layer, for KID. style: per layer (N,2C), channel means then deviations.
    patches (N,P,C): every position of the map at 1/16, for a Frechet distance with enough samples."""

    semantic: np.ndarray
    style: tuple[np.ndarray, ...]
    patches: np.ndarray

    def __getitem__(self, rows: np.ndarray | slice | list[int]) -> JudgeFeatures:
        return JudgeFeatures(self.semantic[rows], tuple(s[rows] for s in self.style), self.patches[rows])

    def __len__(self) -> int:
        return len(self.semantic)


@torch.inference_mode()
def judge_features(judge: nn.Module, pictures: Sequence[np.ndarray], batch: int = 8) -> JudgeFeatures:
    """Pictures of one size, (H,W,3) uint8 -> their features. judge: image in [-1,1] -> maps, finest first; its
    `head` is the net's final layer. See `train.losses.trunks.load_judge`."""
    parts = []
    for start in range(0, len(pictures), batch):
        array = np.stack(pictures[start : start + batch])
        image = torch.from_numpy(array).permute(0, 3, 1, 2).float() / 127.5 - 1
        maps = judge(image.contiguous(memory_format=torch.channels_last))
        semantic = judge.head(maps[-1]).mean((2, 3))
        parts.append((semantic, [_statistics(m) for m in maps[:_STYLE_LAYERS]], maps[-2].flatten(2).mT))
    semantic, style, patches = zip(*parts, strict=True)
    layers = tuple(torch.cat(layer).numpy() for layer in zip(*style, strict=True))
    return JudgeFeatures(torch.cat(semantic).numpy(), layers, torch.cat(patches).numpy())


@torch.inference_mode()
def inception_features(inception: nn.Module, pictures: Sequence[np.ndarray], batch: int = 8) -> JudgeFeatures:
    """The same of InceptionV3, for realism alone: it has no `style`. See `evaluation.judges.load_inception`."""
    parts = []
    for start in range(0, len(pictures), batch):
        pixels = torch.from_numpy(np.stack(pictures[start : start + batch])).permute(0, 3, 1, 2)
        parts.append(inception(pixels.contiguous()))
    semantic, patches = (torch.cat(part).numpy() for part in zip(*parts, strict=True))
    return JudgeFeatures(semantic, (), patches)


def _statistics(feature_map: Tensor) -> Tensor:
    return torch.cat([feature_map.mean((2, 3)), feature_map.std((2, 3))], 1)


def style_scales(real: JudgeFeatures) -> tuple[np.ndarray, ...]:
    """Per layer (2C,), how much each statistic varies among real pictures: the unit in which it is compared."""
    return tuple(s.std(0) + 1e-3 for s in real.style)


def style_distance(a: JudgeFeatures, b: JudgeFeatures, scales: Sequence[np.ndarray]) -> np.ndarray:
    """(N,): root mean square difference of channel means and deviations (Huang & Belongie 2017), in units of their
    spread among real pictures, mean over layers. 0 = alike; two unrelated real pictures are about 1.4 apart."""
    rows = [
        np.sqrt(np.square((x - y) / s).mean(1)) for x, y, s in zip(a.style, b.style, scales, strict=True)
    ]
    return np.mean(rows, 0)
