"""Plots of the documentation: one style, Matplotlib."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
