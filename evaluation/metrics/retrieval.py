"""Style-swap retrieval: does an output look most like its own reference?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .features import JudgeFeatures


def style_retrieval(
    outputs: JudgeFeatures,
    own: Sequence[int],
    references: JudgeFeatures,
    among: int = 16,
    forbidden: Sequence[Sequence[int]] | None = None,
) -> np.ndarray:
    """(N,) of 0/1: whether output i is nearer, in style features, to reference own[i] than to among-1 others.

    forbidden[i]: references that may not stand among the others (the picture that the drawing was made from). The
    others are drawn by a fixed seed. Chance is 1 / among.

    Outputs and references are each standardised over their own set first: what all outputs share (drawn lines, a
    softer brush) tells nothing about which reference one of them followed.
    """
    rng = np.random.default_rng(0)
    x, y = (np.concatenate([_standard(s) for s in f.style], 1) for f in (outputs, references))
    # Layers weigh alike, however many channels they have.
    weights = np.concatenate([np.full(s.shape[1], 1 / s.shape[1]) for s in outputs.style])
    hits = []
    for i, right in enumerate(own):
        banned = {right, *(forbidden[i] if forbidden else ())}
        others = [j for j in range(len(references)) if j not in banned]
        chosen = rng.choice(others, min(among - 1, len(others)), replace=False)
        distance = np.square(x[i] - y[np.array([right, *chosen])]) @ weights
        hits.append(float(distance.argmin() == 0))
    return np.array(hits)


def _standard(statistics: np.ndarray) -> np.ndarray:
    """(N,D) with mean 0 and deviation 1 over the set; what hardly varies stays small."""
    return (statistics - statistics.mean(0)) / (statistics.std(0) + 1e-3)
