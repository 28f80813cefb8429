"""What content features and style vectors must tell apart, and what they must not tell (the paper's terms)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

Features = Sequence[Tensor]


def content_triplet(anchor: Features, positive: Features, negative: Features, margin: float = 0.3) -> Tensor:
    """The same drawing made bold, broken or bent stays closer than another drawing, at every level.

    Cosine distances of features centred over space: normalised, so the margin cannot be met by inflating features.
    """

    def direction(x: Tensor) -> Tensor:
        x = F.adaptive_avg_pool2d(x.float(), 8)
        return F.normalize((x - x.mean((2, 3), keepdim=True)).flatten(1), dim=1)

    terms = []
    for a, p, n in zip(anchor, positive, negative, strict=True):
        a, p, n = direction(a), direction(p), direction(n)
        terms.append((margin + (a * n).sum(1) - (a * p).sum(1)).clamp_min(0).mean() + (1 - (a * p).sum(1)).mean())
    return torch.stack(terms).mean()


def style_triplet(
    anchor: Sequence[Tensor], positive: Sequence[Tensor], negative: Sequence[Tensor], margin: float = 0.3
) -> Tensor:
    """Two views of one picture have closer style vectors than two pictures: cosine, with a margin, per scale."""
    terms = []
    for a, p, n in zip(anchor, positive, negative, strict=True):
        near, far = F.cosine_similarity(a.float(), p.float()), F.cosine_similarity(a.float(), n.float())
        terms.append((margin + far - near).clamp_min(0).mean())
    return torch.stack(terms).mean()


def instance_classification(logits: Tensor, identity: Tensor) -> Tensor:
    """Cross-entropy of which picture of the rolling set this is; identity -1 = not in the set, ignored."""
    if not (identity >= 0).any():
        return logits.sum() * 0
    return F.cross_entropy(logits.float(), identity, ignore_index=-1)


def mutual_information(logits: Tensor) -> Tensor:
    """Squared distance of the predicted identity from the uniform distribution, times the number of classes.

    Minimised over the content encoder while the classifier is frozen: content must not tell which picture it came from
    (the paper's momentum mutual-information minimisation).
    """
    classes = logits.shape[1]
    return (logits.float().softmax(1) - 1 / classes).square().sum(1).mean() * classes
