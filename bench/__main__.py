"""`python -m bench` (in make bench): a short measurement of speed, its table and its plot, from the shipped weights.

`python -m bench.speed` is the long one; `python -m evaluation quality` makes the table of quality.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import torch

from evaluation.markdown_markers import insert_tables
from s2i.cli.run_command import run_command

from .speed import speed_table, time_models
from .speed_plot import speed_plot

ROOT = Path(__file__).parents[1]
RESULTS, DOCS = ROOT / "bench" / "results", ROOT / "docs"
DOCUMENTS = ("docs/results.md", "MODEL_CARD.md")


def speed(arguments: argparse.Namespace) -> str:
    rows = time_models(arguments.sizes, min(2, torch.get_num_threads()), "fp32", rounds=3, bundle=arguments.bundle)
    path = arguments.results / "speed.json"
    path.write_text(json.dumps({"rows": [asdict(r) for r in rows]}, indent=1) + "\n", encoding="utf-8")
    speed_plot(path, arguments.docs / "speed.png")
    return speed_table(rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--bundle", help="the bundled model by default")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--docs", type=Path, default=DOCS)
    parser.add_argument("--documents", type=Path, nargs="*", default=[ROOT / name for name in DOCUMENTS])
    arguments = parser.parse_args()
    arguments.results.mkdir(parents=True, exist_ok=True)
    tables = {"speed": speed(arguments)}
    for document in arguments.documents:
        print(f"{document.name}: {', '.join(insert_tables(document, tables)) or 'no markers'}")
    print(tables["speed"])


if __name__ == "__main__":
    run_command(main)
