"""Pictures for the documentation: one style, Matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.metrics.bootstrap import Interval
from evaluation.testsets import EvaluationSet
from evaluation.trials import Painter, Trials
from s2i.imaging.layouts import uint8_to_image

INK, PAPER, ACCENTS = "#2b2b2b", "#ffffff", ("#c8553d", "#28666e", "#b5a33f", "#6b4e71", "#7c9885")


def figure_of(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Any, Any]:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    plt.rcParams.update({
        "font.size": 9, "axes.edgecolor": INK, "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK,
        "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False, "figure.facecolor": PAPER,
        "axes.prop_cycle": mpl.cycler(color=ACCENTS), "axes.grid": True, "grid.alpha": 0.25,
    })
    return plt.subplots(rows, columns, figsize=(width, height), squeeze=False, layout="constrained")


def save_figure(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    photographs = path.suffix == ".jpg"
    options = {"quality": 88, "optimize": True} if photographs else {"optimize": True}
    figure.savefig(path, dpi=110, pil_kwargs=options)
    from matplotlib import pyplot as plt

    plt.close(figure)


def show_tile(axes: Any, picture: np.ndarray | None, title: str = "") -> None:
    axes.axis("off")
    if picture is not None:
        axes.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="lanczos")
    if title:
        axes.set_title(title, fontsize=8)


def show_drawing(ink: np.ndarray) -> np.ndarray:
    return (255 * (1 - ink)).astype(np.uint8)


def result_matrix(paint: Painter, testset: EvaluationSet, path: Path, count: int = 8) -> None:
    """`count` sketches down, as many references across."""
    import torch

    from s2i.imaging.layouts import image_to_uint8

    picks = np.linspace(0, len(testset) - 1, min(count, len(testset)), dtype=int)
    columns = np.roll(picks, 1)  # nobody's own reference stands on the diagonal
    figure, axes = figure_of(1.15 * (len(picks) + 1), 1.15 * (len(picks) + 1), len(picks) + 1, len(picks) + 1)
    show_tile(axes[0, 0], None)
    for c, j in enumerate(columns, 1):
        show_tile(axes[0, c], testset.pictures[j])
    for r, i in enumerate(picks, 1):
        show_tile(axes[r, 0], show_drawing(testset.inks[i]))
        ink = torch.from_numpy(testset.inks[i])[None, None]
        for c, j in enumerate(columns, 1):
            show_tile(axes[r, c], image_to_uint8(paint(ink, uint8_to_image(testset.pictures[j]))))
    save_figure(figure, path)


def baseline_strip(
    outputs: Mapping[str, Sequence[np.ndarray]], trials: Trials, testset: EvaluationSet, path: Path, rows: int = 6
) -> None:
    """Drawing | reference | every painter's output, on foreign references."""
    foreign = np.flatnonzero(~trials.own)
    picks = foreign[np.linspace(0, len(foreign) - 1, min(rows, len(foreign)), dtype=int)]
    names = list(outputs)
    figure, axes = figure_of(1.4 * (len(names) + 2), 1.5 * len(picks), len(picks), len(names) + 2)
    for r, k in enumerate(picks):
        head = r == 0
        show_tile(axes[r, 0], show_drawing(testset.inks[trials.ink[k]]), "drawing" if head else "")
        show_tile(axes[r, 1], testset.pictures[trials.reference[k]], "reference" if head else "")
        for c, name in enumerate(names, 2):
            show_tile(axes[r, c], outputs[name][k], name if head else "")
    save_figure(figure, path)


def curves(points: Mapping[int, Mapping[str, Interval]], path: Path) -> None:
    """KID and edge F1 against training pictures, with intervals. points: pictures seen -> numbers."""
    figure, axes = figure_of(8, 3, 1, 2)
    seen = sorted(points)
    for axis, key, label, scale in (
        (axes[0, 0], "kid_foreign", "KID-efficientnet_lite0 x1000, foreign references", 1000),
        (axes[0, 1], "canny_f1_2px", "edge F1 (Canny, 2 px)", 1),
    ):
        known = [n for n in seen if key in points[n]]
        intervals = [points[n][key] for n in known]
        axis.plot(known, [scale * i.value for i in intervals], marker="o", markersize=3)
        axis.fill_between(known, [scale * i.low for i in intervals], [scale * i.high for i in intervals], alpha=0.2)
        axis.set_xlabel("training pictures")
        axis.set_title(label, fontsize=9)
    save_figure(figure, path)
