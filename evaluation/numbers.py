"""One painter's numbers on one test set, with intervals, beside those of the real pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import nn

from .judges import NO_MORE_JUDGES, Judges
from .metrics.bootstrap import Interval, bootstrap, bootstrap_mean
from .metrics.colour import chroma_ratio, histogram_emd, sliced_wasserstein
from .metrics.distributions import frechet_distance, kid
from .metrics.edges import edge_agreements, ink_lines, pen_reach, picture_edges
from .metrics.features import JudgeFeatures, inception_features, judge_features, style_distance, style_scales
from .metrics.figure_ground import figure_ground_contrast
from .metrics.leakage import leakages
from .metrics.perceptual import lpips_distances
from .metrics.retrieval import style_retrieval
from .testsets import EvaluationSet
from .trials import Trials

Numbers = dict[str, Interval]


@dataclass(frozen=True)
class RealPictures:
    """What every painter is compared with, computed once."""

    testset: EvaluationSet
    judge: nn.Module
    features: JudgeFeatures
    scales: tuple[np.ndarray, ...]
    edges: np.ndarray  # (N,S,S) bool, Canny
    lines: np.ndarray  # (N,S,S) bool
    reach: np.ndarray  # (N,S,S), how far the pen's sides are from those lines
    contrast: np.ndarray  # (N,)
    more: Judges = NO_MORE_JUDGES
    inception: JudgeFeatures | None = None

    @staticmethod
    def of(testset: EvaluationSet, judge: nn.Module, more: Judges = NO_MORE_JUDGES) -> RealPictures:
        features = judge_features(judge, list(testset.pictures))
        pairs = zip(testset.pictures, testset.inks, strict=True)
        return RealPictures(
            testset,
            judge,
            features,
            style_scales(features),
            np.stack([picture_edges(p) for p in testset.pictures]),
            np.stack([ink_lines(i) for i in testset.inks]),
            np.stack([pen_reach(i) for i in testset.inks]),
            np.array([figure_ground_contrast(p, i) for p, i in pairs]),
            more,
            inception_features(more.inception, list(testset.pictures)) if more.inception else None,
        )


def evaluate_outputs(outputs: Sequence[np.ndarray], trials: Trials, real: RealPictures) -> Numbers:
    """Numbers of one painter by name (see `evaluation.columns`). outputs: (H,W,3) uint8, one per trial.

    Realism of matched and of foreign references apart; content over all trials; style, retrieval, chroma and leakage
    over foreign references; figure/ground contrast of both, over the real picture's.
    """
    features = judge_features(real.judge, list(outputs))
    own, foreign = np.flatnonzero(trials.own), np.flatnonzero(~trials.own)
    numbers = _realism(features, trials, real.features)
    if real.inception:
        seen = inception_features(real.more.inception, list(outputs))
        numbers |= _realism(seen, trials, real.inception, "inception_")
    values = _content(outputs, trials, real)
    if len(foreign):
        values |= _style(outputs, features, trials, foreign, real)
    if real.more.lpips:
        made, wanted = [outputs[k] for k in own], list(real.testset.pictures[trials.ink[own]])
        values["lpips"] = (own, lpips_distances(real.more.lpips, made, wanted))
    values["contrast"] = (own, _contrast(outputs, trials, own, real))
    values["contrast_foreign"] = (foreign, _contrast(outputs, trials, foreign, real))
    for name, (rows, value) in values.items():
        numbers[name] = bootstrap_mean(value, trials.ink[rows])
    return numbers


Values = dict[str, tuple[np.ndarray, np.ndarray]]  # name -> (trial numbers, values)


def _content(outputs: Sequence[np.ndarray], trials: Trials, real: RealPictures) -> Values:
    columns: dict[str, list[float]] = {}
    for output, ink in zip(outputs, trials.ink, strict=True):
        for extractor in ("canny", "xdog"):
            edges = picture_edges(output, extractor)
            for tolerance, agreement in zip(
                (1, 2, 3), edge_agreements(edges, real.lines[ink], (1, 2, 3), real.reach[ink]), strict=True
            ):
                columns.setdefault(f"{extractor}_f1_{tolerance}px", []).append(agreement.f1)
                if tolerance == 2:
                    columns.setdefault(f"{extractor}_precision", []).append(agreement.precision)
                    columns.setdefault(f"{extractor}_recall", []).append(agreement.recall)
                    columns.setdefault(f"{extractor}_chamfer", []).append(agreement.chamfer)
    rows = np.arange(len(trials))
    return {name: (rows, np.array(values)) for name, values in columns.items()}


def _style(
    outputs: Sequence[np.ndarray], features: JudgeFeatures, trials: Trials, rows: np.ndarray, real: RealPictures
) -> Values:
    references, inks, pictures = trials.reference[rows], trials.ink[rows], real.testset.pictures
    wanted = [pictures[j] for j in references]
    made = [outputs[k] for k in rows]
    pairs = list(zip(made, wanted, strict=True))
    hits = style_retrieval(features[rows], references, real.features, forbidden=[(int(i),) for i in inks])
    leaks, chance = _leakage(outputs, trials, rows, real)
    return {
        "lab_emd": (rows, np.array([histogram_emd(a, b) for a, b in pairs])),
        "lab_sliced": (rows, np.array([sliced_wasserstein(a, b) for a, b in pairs])),
        "style": (rows, style_distance(features[rows], real.features[references], real.scales)),
        "retrieval": (rows, hits),
        "chroma": (rows, np.array([chroma_ratio(a, b) for a, b in pairs])),
        "leakage": (rows, leaks),
        "leakage_chance": (rows, chance),
        "leakage_excess": (rows, leaks - chance),
    }


def _leakage(
    outputs: Sequence[np.ndarray], trials: Trials, rows: np.ndarray, real: RealPictures
) -> tuple[np.ndarray, np.ndarray]:
    """(of the reference that was given, of the mean other picture that was not), one per row."""
    leaks, chance = [], []
    for k in rows:
        i, given = trials.ink[k], trials.reference[k]
        edges = picture_edges(outputs[k])
        others = [j for j in range(len(real.testset)) if j not in (i, given)][:: max(1, len(real.testset) // 6)]
        leak, *shares = leakages(edges, [real.edges[j] for j in (given, *others)], real.lines[i])
        leaks.append(leak)
        chance.append(np.mean([s for s in shares if s == s]) if any(s == s for s in shares) else np.nan)
    return np.array(leaks), np.array(chance)


def _contrast(outputs: Sequence[np.ndarray], trials: Trials, rows: np.ndarray, real: RealPictures) -> np.ndarray:
    inks = trials.ink[rows]
    made = np.array([figure_ground_contrast(outputs[k], real.testset.inks[i]) for k, i in zip(rows, inks, strict=True)])
    return made / np.maximum(real.contrast[inks], 1.0)


def _realism(features: JudgeFeatures, trials: Trials, real: JudgeFeatures, prefix: str = "") -> Numbers:
    owners = np.stack([trials.ink, trials.reference], 1)
    count = len(real)
    numbers = {}
    for name, rows in (("own", np.flatnonzero(trials.own)), ("foreign", np.flatnonzero(~trials.own))):
        if not len(rows):
            continue
        by_ink = [rows[trials.ink[rows] == i] for i in range(count)]

        def distance(which: np.ndarray, by_ink: list[np.ndarray] = by_ink) -> float:
            chosen = np.concatenate([by_ink[i] for i in which])
            return kid(features.semantic[chosen], real.semantic[which], owners[chosen], which[:, None])

        if count > 3:
            numbers[f"kid_{prefix}{name}"] = bootstrap(distance, count, draws=200)
            numbers[f"frechet_{prefix}{name}"] = frechet_by_halves(features.patches[rows], owners[rows], real.patches)
    return numbers


def frechet_by_halves(patches: np.ndarray, owners: np.ndarray, real: np.ndarray, splits: int = 8) -> Interval:
    """Frechet distance of patch features, outputs of one random half of the paintings to real pictures of the other
    half; mean and range over splits. patches (K,P,C) with owners (K,2) = (ink, reference), real (N,P,C)."""
    rng, values = np.random.default_rng(0), []
    for _ in range(splits):
        first, second = np.array_split(rng.permutation(len(real)), 2)
        rows = np.flatnonzero(np.isin(owners, first).all(1))[: len(first)]
        if len(rows):
            x, y = patches[rows].reshape(-1, patches.shape[2]), real[second].reshape(-1, patches.shape[2])
            values.append(frechet_distance(x, y))
    return Interval(float(np.mean(values)), min(values), max(values)) if values else Interval(*[float("nan")] * 3)


def real_floor(real: RealPictures) -> Numbers:
    """How far real pictures lie from one another: distances between halves of the set, and, for style, between the
    left and the right half of one painting."""
    count, size = len(real.testset), real.testset.pictures.shape[1]
    pictures = real.testset.pictures
    left, right = list(pictures[:, :, : size // 2]), list(pictures[:, :, size // 2 :])
    everyone = np.arange(count)
    distances = style_distance(judge_features(real.judge, left), judge_features(real.judge, right), real.scales)
    floor = {
        "lab_emd": bootstrap_mean(np.array([histogram_emd(a, b) for a, b in zip(left, right, strict=True)]), everyone),
        "lab_sliced": bootstrap_mean(
            np.array([sliced_wasserstein(a, b) for a, b in zip(left, right, strict=True)]), everyone
        ),
        "style": bootstrap_mean(distances, everyone),
    }
    if count > 3:
        floor |= {"kid_own": _kid_floor(real.features), "frechet_own": _frechet_floor(real.features)}
        if real.inception:
            floor |= {"kid_inception_own": _kid_floor(real.inception)}
            floor |= {"frechet_inception_own": _frechet_floor(real.inception)}
    return floor


def _kid_floor(real: JudgeFeatures) -> Interval:
    rng, values, x = np.random.default_rng(0), [], real.semantic
    for _ in range(50):
        a, b = np.array_split(rng.permutation(len(x)), 2)
        values.append(kid(x[a], x[b], a[:, None], b[:, None]))
    return Interval(float(np.mean(values)), *map(float, np.quantile(values, [0.025, 0.975])))


def _frechet_floor(real: JudgeFeatures) -> Interval:
    numbers = np.arange(len(real))
    return frechet_by_halves(real.patches, np.stack([numbers, numbers], 1), real.patches)
