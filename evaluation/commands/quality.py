"""`python -m evaluation quality --data DIR --split validation`: the table of a model, the cheats and the real pictures.

Report the test split; choose on validation.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from s2i.pipeline import SketchToImage

from ..baselines.flat_fill import flat_fill
from ..baselines.histogram_transfer import histogram_transfer
from ..baselines.reference_under_ink import reference_under_ink
from ..columns import table
from ..errors import EvaluationError
from ..markdown_markers import insert_tables
from ..painters import Painter, model_painter
from ..rows import OURS, evaluate, save_rows
from ..testsets.rendering import render
from ..testsets.selection import load_selection

CHEATS: Mapping[str, Painter] = {
    "flat fill": flat_fill,
    "reference under ink": reference_under_ink,
    "histogram transfer": histogram_transfer,
}


def titled(models: list[str] | None) -> dict[str, str | None]:
    """`NAME=FILE` or `FILE`, whose name is its own then -> file by name; None is the bundled model. Raises
    `EvaluationError` where two would share a column."""
    pairs = [text.split("=", 1) if "=" in text else (Path(text).stem, text) for text in models or []]
    if len(dict(pairs)) < len(pairs):
        raise EvaluationError("two models have one name: tell them apart with --model NAME=FILE")
    return dict(pairs) or {OURS: None}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evaluation quality", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with plates, paintings and sketches")
    parser.add_argument("--split", default="validation", help="validation (to choose on) or test (to report)")
    parser.add_argument("--model", action="append", metavar="[NAME=]FILE",
                        help="a bundle, and what its column is called; may be repeated; the bundled one by default")
    parser.add_argument("--count", type=int, help="inked pictures at most: all 60 by default")
    parser.add_argument("--no-cheats", action="store_true", help="the models alone")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    parser.add_argument("--document", type=Path, help="put the table between this Markdown file's markers")
    arguments = parser.parse_args()
    testset = render(load_selection(arguments.split), arguments.data, arguments.count)
    models = {title: SketchToImage.from_pretrained(file) for title, file in titled(arguments.model).items()}
    painters = {title: model_painter(model) for title, model in models.items()}
    rows = evaluate(painters if arguments.no_cheats else {**painters, **CHEATS}, testset)
    pictures = {title: model.provenance.get("pictures") for title, model in models.items()}
    facts = {"split": testset.split, "inked": len(testset.drawn), "books": len(np.unique(testset.books))}
    text = table(rows)
    sys.stdout.write(f"{testset.split}: {facts['inked']} inked pictures of {len(testset.pictures)} by {facts['books']} "
                     f"books and artists, {len(testset.drawings)} drawings, {len(testset.doodles)} doodles\n\n{text}\n")
    if arguments.json:
        save_rows(rows, arguments.json, **facts, pictures=pictures)
    if arguments.document:
        insert_tables(arguments.document, {f"quality-{testset.split}": text})
