"""Seconds against the side of the picture."""

from __future__ import annotations

import json
from pathlib import Path

from .figures import ACCENTS, figure_of, save_figure

OURS = "ours"


def speed_plot(measured: Path, path: Path) -> None:
    """Seconds of the whole chain against the side of the picture, from what `bench.speed --json` wrote."""
    facts = json.loads(measured.read_text(encoding="utf-8"))
    figure, axes = figure_of(6, 3.6)
    axis = axes[0, 0]
    chain = [r for r in facts["rows"] if r["step"] == "whole chain"]
    lines = sorted({(r["contender"], r["threads"], r["dtype"], r["mode"]) for r in chain})
    colours = {name: ACCENTS[i] for i, name in enumerate(sorted({line[0] for line in lines}, key=lambda n: n != OURS))}
    dashes = ("-", "--", ":", "-.")
    settings = sorted({line[1:] for line in lines})
    for line in lines:
        rows = sorted((r["size"], r["seconds"]) for r in chain
                      if (r["contender"], r["threads"], r["dtype"], r["mode"]) == line)
        name, threads, dtype, mode = line
        axis.loglog(*zip(*rows, strict=True), marker="o", markersize=3, color=colours[name],
                    linestyle=dashes[settings.index(line[1:]) % 4], label=f"{name}, {threads} thr., {dtype}, {mode}")
    axis.set_xticks(sorted({r["size"] for r in chain}), [f"{s}²" for s in sorted({r["size"] for r in chain})])
    most = max(r["seconds"] for r in chain)
    marks = [f * 10.0**e for e in range(-2, 3) for f in (1, 2, 5) if 0.02 <= f * 10.0**e <= 2 * most]
    axis.set_yticks(marks, [f"{m:g}" for m in marks])
    axis.minorticks_off()
    axis.set_ylabel("seconds, whole chain")
    axis.legend(fontsize=6, frameon=False)
    save_figure(figure, path)
