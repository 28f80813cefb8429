"""One painter's numbers on one test set."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .judges.features import Features, judge_features
from .metrics.colour import histogram_emd, mean_chroma
from .metrics.edges import edge_agreement, ink_lines, picture_edges
from .metrics.figure_ground import figure_ground_contrast
from .metrics.hues import count_colours
from .metrics.intervals import Interval, mean_by_book, ratio_by_book
from .metrics.leakage import leakages
from .metrics.lines import line_darkness, line_recall
from .metrics.retrieval import style_retrieval
from .real_pictures import Real
from .tasks import DOODLES, DRAWINGS, OWN, UNPAIRED, Task

Numbers = dict[str, Interval]  # "kid/own", "recall/drawings", ...: a measure and the task that it is of
_BY_CHANCE = 6  # references not given, whose edges tell how much leakage chance makes


def measure(outputs: Mapping[str, np.ndarray], tasks: Mapping[str, Task], real: Real) -> Numbers:
    """outputs: per task (K,S,S,3) uint8. See `evaluation.columns` for what the numbers mean."""
    numbers: Numbers = {}
    for name, task in tasks.items():
        pictures = outputs[name]
        edges = [picture_edges(p) for p in pictures]
        numbers |= {f"{key}/{name}": value for key, value in _lines(pictures, edges, task).items()}
        numbers |= {f"{key}/{name}": value for key, value in _colours(pictures, task, real).items()}
        if name != DOODLES:
            features = judge_features(real.judge, pictures)
            numbers |= {f"{key}/{name}": value for key, value in _judged(features, task, real).items()}
        if name in (OWN, UNPAIRED):
            numbers[f"edge_f1/{name}"] = _edge_f1(edges, task, real)
        if name in (UNPAIRED, DRAWINGS):
            numbers[f"leakage/{name}"] = _leakage(edges, task, real)
    return numbers


def measure_real(tasks: Mapping[str, Task], real: Real) -> Numbers:
    """The real pictures' own numbers, where they have any: what outputs should come near."""
    task = tasks[OWN]
    pictures = real.testset.pictures[task.reference]
    edges = [real.edges[int(i)] for i in task.reference]
    numbers = {f"{key}/{OWN}": value for key, value in _lines(pictures, edges, task).items()}
    numbers[f"edge_f1/{OWN}"] = _edge_f1(edges, task, real)
    numbers[f"kid/{OWN}"] = real.floor()
    return numbers


def _judged(features: Features, task: Task, real: Real) -> Numbers:
    drawn, books = real.testset.drawn, real.testset.books
    # Neither the picture that the drawing was made of nor the reference's own book may stand among the others.
    barred = (drawn[None] == task.target[:, None]) | (books[drawn][None] == books[task.reference][:, None])
    right = np.searchsorted(drawn, task.reference)
    hits = style_retrieval(features.style, real.features[drawn].style, right, barred)
    return {
        "kid": real.kid(features.pooled, task.books, real.testset.books[task.reference]),
        "retrieval": mean_by_book(hits, task.books),
    }


def _lines(pictures: np.ndarray, edges: list[np.ndarray], task: Task) -> Numbers:
    recall = [line_recall(e, k) for e, k in zip(edges, task.inks, strict=True)]
    darkness = [line_darkness(p, k) for p, k in zip(pictures, task.inks, strict=True)]
    return {
        "recall": mean_by_book(np.array(recall), task.books),
        "darkness": mean_by_book(np.array(darkness), task.books),
    }


def _colours(pictures: np.ndarray, task: Task, real: Real) -> Numbers:
    references = [int(j) for j in task.reference]
    given = real.testset.pictures[task.reference]
    contrast = [figure_ground_contrast(p, k) for p, k in zip(pictures, task.inks, strict=True)]
    # Without a right answer, what real pictures have on average.
    usual = float(np.nanmean(list(real.contrast.values())))
    wanted = [real.contrast[int(i)] if i >= 0 else usual for i in task.target]
    lab_distance = [histogram_emd(a, b) for a, b in zip(pictures, given, strict=True)]
    return {
        "contrast": ratio_by_book(contrast, wanted, task.books),
        "hues": ratio_by_book([count_colours(p) for p in pictures], [real.colours[j] for j in references], task.books),
        "chroma": ratio_by_book([mean_chroma(p) for p in pictures], [real.chroma[j] for j in references], task.books),
        "lab": mean_by_book(np.array(lab_distance), task.books),
    }


def _edge_f1(edges: list[np.ndarray], task: Task, real: Real) -> Interval:
    targets = [int(i) for i in task.target]
    scores = [edge_agreement(e, real.lines[i], 2.0, real.reach[i]).f1 for e, i in zip(edges, targets, strict=True)]
    return mean_by_book(np.array(scores), task.books)


def _leakage(edges: list[np.ndarray], task: Task, real: Real) -> Interval:
    """Share of the given reference's edges that turn up away from the lines, less the share for others, not given."""
    inked = [int(i) for i in real.testset.drawn]
    excess = []
    for k, (edge, given) in enumerate(zip(edges, task.reference, strict=True)):
        others = [j for j in inked if j not in (int(given), int(task.target[k]))][:: max(1, len(inked) // _BY_CHANCE)]
        leak, *chance = leakages(edge, [real.edges[j] for j in (int(given), *others)], ink_lines(task.inks[k]))
        excess.append(leak - np.nanmean(chance) if np.isfinite(chance).any() else np.nan)
    return mean_by_book(np.array(excess), task.books)
