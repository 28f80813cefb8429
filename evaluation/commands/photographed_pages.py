"""`python -m evaluation photographed_pages`: how well a drawing is found again on a photographed page, F1 against the
known ink, beside scikit-image's local thresholds."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import torch

from s2i.imaging.ink.ink import to_ink
from s2i.imaging.ink.photographed_page import photographed_ink

from ..metrics.found_ink import f1
from ..testsets.photographed_pages import CONDITIONS, inks, photograph

# Methods: page (H,W,3) in [0,1] -> inked (H,W) bool.


def _tensor(page: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(page).permute(2, 0, 1)[None].float() * 2 - 1


def _grey(page: np.ndarray) -> np.ndarray:
    return page @ np.array([0.299, 0.587, 0.114])


def _ours(page: np.ndarray) -> np.ndarray:
    return photographed_ink(_tensor(page))[0, 0].numpy() > 0.5


def _plain(page: np.ndarray) -> np.ndarray:
    return to_ink(_tensor(page))[0, 0].numpy() > 0.5


def _otsu(page: np.ndarray) -> np.ndarray:
    from skimage.filters import threshold_otsu

    return _grey(page) < threshold_otsu(_grey(page))


def _local(page: np.ndarray) -> np.ndarray:
    from skimage.filters import threshold_local

    return _grey(page) < threshold_local(_grey(page), 35, offset=0.06)


def _sauvola(page: np.ndarray) -> np.ndarray:
    from skimage.filters import threshold_sauvola

    return _grey(page) < threshold_sauvola(_grey(page), 25, k=0.2, r=0.5)


def _niblack(page: np.ndarray) -> np.ndarray:
    from skimage.filters import threshold_niblack

    return _grey(page) < threshold_niblack(_grey(page), 35, k=0.8)


METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "Prepare Sketch": _ours, "paper tone only": _plain, "Otsu": _otsu, "local mean": _local, "Sauvola": _sauvola,
    "Niblack": _niblack,
}  # fmt: skip


def scores(methods: dict[str, Callable[[np.ndarray], np.ndarray]]) -> dict[str, dict[str, list[float]]]:
    """method -> condition -> F1 of every page."""
    found: dict[str, dict[str, list[float]]] = {m: {c: [] for c in CONDITIONS} for m in methods}
    for seed, (_, ink) in enumerate(inks()):
        for i, condition in enumerate(CONDITIONS):
            page = photograph(ink, condition, 100 * seed + i)
            for name, method in methods.items():
                found[name][condition].append(f1(method(page), ink))
    return found


def main() -> None:
    argparse.ArgumentParser(prog="python -m evaluation photographed_pages", description=__doc__).parse_args()
    print(f"| method | {' | '.join(CONDITIONS)} | all | worst page |\n|---|{'---|' * (len(CONDITIONS) + 2)}")
    for name, by_condition in scores(METHODS).items():
        pages = [value for values in by_condition.values() for value in values]
        cells = [np.mean(values) for values in by_condition.values()] + [np.mean(pages), min(pages)]
        print(f"| {name} | {' | '.join(f'{cell:.3f}' for cell in cells)} |")
