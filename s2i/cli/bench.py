"""Seconds, memory, GMAC and parameters of each step on this machine."""

from __future__ import annotations

import statistics
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from ..config import ModelConfig
from ..hub import bundled_path
from ..pipeline import SketchToImage
from .jobs import Report, write


def _seconds(step: Callable[[], object], runs: int) -> float:
    step()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _gmac(step: Callable[[], object]) -> float:
    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops() / 2e9


def _steps(model: SketchToImage, size: int) -> dict[str, Callable[[], object]]:
    generator = torch.Generator().manual_seed(0)
    ink = (torch.rand(1, 1, size, size, generator=generator) > 0.97).float()
    image = torch.rand(1, 3, size, size, generator=generator) * 2 - 1
    content, style = model.encode_content(ink), model.encode_style(image)
    draft = model.decode(content, style)
    return {
        "extract sketch": lambda: model.extract_sketch(image),
        "encode content": lambda: model.encode_content(ink),
        "encode style": lambda: model.encode_style(image),
        "decode": lambda: model.decode(content, style),
        "refine": lambda: model.refine(draft, ink, style),
        "whole chain": lambda: model(ink, image),
    }


def _peak_megabytes(step: Callable[[], object]) -> float | None:
    """The most memory that the process held while it ran the step, Python, torch and weights included.

    Linux can forget the mark of what ran before; elsewhere it is the mark of the whole run so far, and None on Windows.
    """
    try:
        Path("/proc/self/clear_refs").write_text("5")
        step()
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        pass
    try:
        import resource
    except ImportError:
        return None
    step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def measure(sizes: Sequence[int], runs: int = 5, paper: bool = False, model: str | None = None) -> dict[str, Any]:
    """-> {"parameters", "steps": [{size, step, seconds, gmac, peak_mb, (paper_seconds, ratio)}]}, fp32 on the CPU."""
    if model is not None or bundled_path().is_file():
        ours = SketchToImage.from_pretrained(model)
    else:
        ours = SketchToImage.from_config(ModelConfig.art())
    theirs = SketchToImage.from_config(ModelConfig.paper()) if paper else None
    rows = []
    for size in sizes:
        other = _steps(theirs, size) if theirs else {}
        for name, step in _steps(ours, size).items():
            row = {"size": size, "step": name, "seconds": _seconds(step, runs), "gmac": _gmac(step),
                   "peak_mb": _peak_megabytes(step)}
            if theirs and name != "extract sketch":
                row["paper_seconds"], row["paper_gmac"] = _seconds(other[name], runs), _gmac(other[name])
                row["ratio"] = row["seconds"] / row["paper_seconds"]
            rows.append(row)
    parameters = {n: sum(p.numel() for p in c.parameters()) for n, c in ours.module.named_children()}
    return {"threads": torch.get_num_threads(), "parameters": parameters, "steps": rows}


def table(results: dict[str, Any]) -> str:
    """The same as Markdown."""
    paper = any("ratio" in row for row in results["steps"])
    head = ["size", "step", "seconds", "GMAC", "peak MB", *(["paper's seconds", "ratio"] if paper else [])]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in results["steps"]:
        peak = "" if row["peak_mb"] is None else f"{row['peak_mb']:.0f}"
        cells = [f"{row['size']}²", row["step"], f"{row['seconds']:.3f}", f"{row['gmac']:.2f}", peak]
        if paper:
            cells += [f"{row['paper_seconds']:.3f}", f"{row['ratio']:.2f}"] if "ratio" in row else ["", ""]
        lines.append("| " + " | ".join(cells) + " |")
    total = sum(results["parameters"].values())
    parts = ", ".join(f"{n} {c / 1e6:.2f} M" for n, c in results["parameters"].items())
    summary = f"Parameters: {total / 1e6:.2f} M ({parts}). {results['threads']} CPU threads, fp32."
    return "\n".join([*lines, "", summary])


def bench(args: Namespace) -> Report:
    results = measure(args.sizes, args.runs, args.paper, args.model)
    if not args.json:
        write(table(results))
    return Report(done=[results])
