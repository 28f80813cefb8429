"""`python -m evaluation select --data DIR --tables train/data/art`: draw the committed test sets by lot, again."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..testsets.selection import FOLDER, save_selection, select
from ..testsets.sources import read_sources

SPLITS = ("validation", "test")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evaluation select", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with plates, paintings and sketches")
    parser.add_argument("--tables", type=Path, required=True, help="folder with files.csv, books.csv and paintings.csv")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    for split in SPLITS:
        chosen = select(arguments.data, split, read_sources(arguments.tables, split), arguments.seed)
        sys.stdout.write(f"{save_selection(chosen, arguments.out)}: {len(chosen.pictures)} pictures\n")
