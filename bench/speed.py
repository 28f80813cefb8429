"""`python -m bench.speed`: ours against the paper's layer sizes and today's extractors, alternating in one process.

Every contender is timed once per round, A B A B, so that a busy moment hits all alike; what is reported is the ratio
of one round's times, as min / median / max over the rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from s2i.cli.run_command import run_command
from s2i.config import ModelConfig
from s2i.hub import bundled_path
from s2i.pipeline import SketchToImage

from .extractors import extractor_contenders
from .growth import measure_growth, measure_start

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
Step = Callable[[], object]


@dataclass(frozen=True)
class Timing:
    """seconds: median over rounds. ratio: ours over this one, (min, median, max) over rounds; below 1 is faster."""

    step: str
    contender: str
    size: int
    threads: int
    dtype: str
    mode: str
    seconds: float
    ratio: tuple[float, float, float]


def alternate(contenders: dict[str, Step], rounds: int) -> dict[str, list[float]]:
    """Seconds of each contender in each round; one unmeasured round first."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, step in contenders.items():
            start = time.perf_counter()
            step()
            if number:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float, float]:
    values = [a / b for a, b in zip(ours, theirs, strict=True)]
    return min(values), statistics.median(values), max(values)


def model_steps(model: SketchToImage, size: int) -> dict[str, Step]:
    """The chain and its steps at an output of size². Drafts are made at the working size, or the output's."""
    generator = torch.Generator().manual_seed(0)
    ink = (torch.rand(1, 1, size, size, generator=generator) > 0.97).float()
    image = torch.rand(1, 3, size, size, generator=generator) * 2 - 1
    working = min(size, model.config.working_size)
    content, style = model.encode_content(ink, working), model.encode_style(image)
    draft = model.decode(content, style)
    return {
        "whole chain": lambda: model(ink, image, working_size=working),
        "encode content": lambda: model.encode_content(ink, working),
        "encode style": lambda: model.encode_style(image),
        "decode": lambda: model.decode(content, style),
        "refine": lambda: model.refine(draft, ink, style),
        "extract sketch": lambda: model.extract_sketch(image),
    }


def _models(dtype: str, compiled: bool, bundle: str | None) -> tuple[SketchToImage, SketchToImage]:
    if bundle or bundled_path().is_file():
        ours = SketchToImage.from_pretrained(bundle, dtype=DTYPES[dtype])
    else:
        ours = SketchToImage.from_config(ModelConfig.art(), dtype=DTYPES[dtype])
    paper = SketchToImage.from_config(ModelConfig.paper(), dtype=DTYPES[dtype])
    if compiled:
        for model in (ours, paper):
            for name, part in model.module.named_children():
                setattr(model.module, name, torch.compile(part))
    return ours, paper


def time_models(
    sizes: Sequence[int],
    threads: int,
    dtype: str,
    *,
    compiled: bool = False,
    rounds: int = 7,
    bundle: str | None = None,
    controlnet_aux: Path | None = None,
) -> list[Timing]:
    """Every step at every size, ours and the paper's sizes, in one dtype. Both run channels_last, which measured twice
    as fast as the plain layout for either."""
    torch.set_num_threads(threads)
    ours, paper = _models(dtype, compiled, bundle)
    mode, rows = "compiled" if compiled else "eager", []
    for size in sizes:
        mine, theirs = model_steps(ours, size), model_steps(paper, size)
        for step in mine:
            contenders = {"ours": mine[step]}
            if step == "extract sketch":
                contenders |= extractor_contenders(size, DTYPES[dtype], controlnet_aux)
            else:
                contenders["paper's sizes"] = theirs[step]
            seconds = alternate(contenders, rounds)
            for name, values in seconds.items():
                ratio = ratios(seconds["ours"], values)
                rows.append(Timing(step, name, size, threads, dtype, mode, statistics.median(values), ratio))
    return rows


def speed_table(rows: Sequence[Timing]) -> str:
    """Markdown: seconds and the ratio ours / theirs."""
    lines = ["| step | size | threads | dtype | mode | ours, s | against | its s | ours / its: min, median, max |",
             "|---|---|---|---|---|---|---|---|---|"]
    mine = {(r.step, r.size, r.threads, r.dtype, r.mode): r.seconds for r in rows if r.contender == "ours"}
    for r in rows:
        if r.contender != "ours":
            seconds = mine[r.step, r.size, r.threads, r.dtype, r.mode]
            low, middle, high = r.ratio
            lines.append(f"| {r.step} | {r.size}² | {r.threads} | {r.dtype} | {r.mode} | {seconds:.3f} | {r.contender} "
                         f"| {r.seconds:.3f} | {low:.2f}, **{middle:.2f}**, {high:.2f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024, 2048])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--dtypes", nargs="+", choices=tuple(DTYPES), default=list(DTYPES))
    parser.add_argument("--compile", action="store_true", help="also with torch.compile: needs a C++ compiler")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--bundle")
    parser.add_argument("--controlnet-aux", type=Path, metavar="WHEEL", help="also PiDiNet and TEED out of this wheel")
    parser.add_argument("--growth", type=int, nargs="*", help="time and memory at these sizes (256 to 4096 by default)")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows: list[Timing] = []
    for compiled in (False, True) if arguments.compile else (False,):
        for threads in arguments.threads:
            for dtype in arguments.dtypes:
                rows += time_models(arguments.sizes, threads, dtype, compiled=compiled, rounds=arguments.rounds,
                                    bundle=arguments.bundle, controlnet_aux=arguments.controlnet_aux)
    print(speed_table(rows))
    facts: dict[str, object] = {"rows": [asdict(r) for r in rows], "start": measure_start(arguments.bundle)}
    print("\nfrom a fresh process: " + ", ".join(f"{k} {v:.2f} s" for k, v in facts["start"].items()))
    if arguments.growth is not None:
        facts["growth"] = measure_growth(arguments.growth or [256, 512, 1024, 2048, 4096], arguments.bundle)
        for row in facts["growth"]:
            print(f"{row['size']}²: {row['seconds']:.3f} s ({row['user_seconds']:.2f} s computing, "
                  f"{row['system_seconds']:.2f} s fetching memory), {row['peak_mb']:.0f} MB, "
                  f"{row['seconds_per_megapixel']:.3f} s per megapixel")
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run_command(main)
