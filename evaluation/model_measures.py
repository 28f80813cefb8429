"""Numbers about a model rather than its pictures: consistency, disentanglement, its sketches."""

from __future__ import annotations

import numpy as np
import torch

from s2i.imaging.layouts import image_to_uint8, uint8_to_image
from s2i.pipeline import SketchToImage

from .metrics.consistency import content_consistency, style_consistency
from .metrics.edges import picture_edges
from .metrics.probe import probe_accuracy
from .metrics.sketches import sketch_alignment, sketch_diversity
from .testsets import EvaluationSet


def measure_model(model: SketchToImage, testset: EvaluationSet, many: int = 16, few: int = 3) -> dict[str, float]:
    """Names say what is measured; ranges are the metrics'. `many` sketches after each of `few` references, and back."""
    count = min(many, len(testset))
    picks = np.linspace(0, count - 1, min(few, count), dtype=int)
    tall = [[_paint(model, testset, i, j) for j in picks] for i in range(count)]
    wide = [[_paint(model, testset, i, j) for j in range(count)] for i in picks]
    edges = [content_consistency([picture_edges(p) for p in row]) for row in wide]
    return {
        f"style consistency, {count} sketches after {len(picks)} references (0 best, 1 none)": style_consistency(tall),
        f"content consistency, {count} references on {len(picks)} sketches (edge F1)": float(np.mean(edges)),
        f"probe: picture found from content features (chance {1 / len(testset):.3f})": content_probe(model, testset),
        **_sketches(model, testset.first(8)),
    }


def _paint(model: SketchToImage, testset: EvaluationSet, i: int, j: int) -> np.ndarray:
    ink = torch.from_numpy(testset.inks[i])[None, None]
    return image_to_uint8(model(ink, uint8_to_image(testset.pictures[j])))


def content_probe(model: SketchToImage, testset: EvaluationSet) -> float:
    """Accuracy of a linear probe that learns three quarters of every drawing and is asked about the fourth, on means
    and deviations of the coarsest content features: above chance, they name the picture, not only its lines."""
    features = []
    for ink in testset.inks:
        h, w = (s // 2 for s in ink.shape)
        quarters = np.stack([ink[y : y + h, x : x + w] for y in (0, h) for x in (0, w)])
        level = model.encode_content(torch.from_numpy(quarters)[:, None]).levels[-1].float()
        features.append(torch.cat([level.mean((2, 3)), level.std((2, 3), unbiased=False)], 1).numpy())
    x = np.stack(features, 1)  # quarter, picture, D
    labels = np.arange(len(testset))
    scores = []
    for held in range(4):
        rest = [q for q in range(4) if q != held]
        scores.append(probe_accuracy(np.concatenate(x[rest]), np.tile(labels, 3), x[held], labels))
    return float(np.mean(scores))


def _sketches(model: SketchToImage, testset: EvaluationSet) -> dict[str, float]:
    variants = range(model.config.extractor.variants)
    diversity, alignment = [], []
    for picture in testset.pictures:
        inks = model.extract_sketch(uint8_to_image(picture), list(variants))[:, 0].numpy()
        if len(inks) > 1:
            diversity.append(sketch_diversity(inks))
        alignment += [sketch_alignment(ink, picture) for ink in inks]
    return {
        f"sketch diversity of {len(variants)} variants (0 = alike)": float(np.mean(diversity)) if diversity else 0.0,
        "sketch alignment with the picture's edges": float(np.mean(alignment)),
    }
