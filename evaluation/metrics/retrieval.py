"""Style retrieval: does an output look most like its own reference?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def style_retrieval(
    outputs: Sequence[np.ndarray],
    references: Sequence[np.ndarray],
    right: np.ndarray,
    barred: np.ndarray,
    among: int = 16,
) -> np.ndarray:
    """(N,) of 0/1: is output i nearer, in style statistics, to reference right[i] than to among - 1 others?

    outputs, references: per layer (N,C) and (M,C), as `judge_features` gives them; layers weigh alike. barred (N,M)
    bool: references that may not stand among the others. The others are drawn by a fixed seed; chance is 1 / among.

    Outputs and references are standardised over their own set first: what all outputs share, such as drawn lines, says
    nothing about which reference one of them followed.
    """
    rng = np.random.default_rng(0)
    x, y = (np.concatenate([_standard(layer) for layer in layers], 1) for layers in (outputs, references))
    weights = np.concatenate([np.full(layer.shape[1], 1 / layer.shape[1]) for layer in references])
    hits = []
    for i, own in enumerate(right):
        others = np.flatnonzero(~barred[i] & (np.arange(len(y)) != own))
        chosen = [own, *rng.choice(others, min(among - 1, len(others)), replace=False)]
        hits.append(float((np.square(x[i] - y[chosen]) @ weights).argmin() == 0))
    return np.array(hits)


def _standard(statistics: np.ndarray) -> np.ndarray:
    """(N,C) with mean 0 and deviation 1 over the set; what hardly varies stays small."""
    return (statistics - statistics.mean(0)) / (statistics.std(0) + 1e-3)
