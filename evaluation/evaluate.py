"""`python -m evaluation evaluate [BUNDLE] ...`: one table of a model, baselines and real pictures, and a sheet."""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from s2i.cli.run_command import run_command
from s2i.config import ModelConfig
from s2i.imaging.contact_sheet import contact_sheet
from s2i.imaging.layouts import uint8_to_image
from s2i.imaging.picture_files import save_image
from s2i.pipeline import SketchToImage

from .baselines.flat_fill import flat_fill
from .baselines.histogram_transfer import histogram_transfer
from .baselines.reference_under_ink import reference_under_ink
from .columns import ALL_COLUMNS, REAL, Rows, table, verdicts
from .errors import EvaluationError
from .judge import load_judge
from .judges import NO_MORE_JUDGES, Judges, load_judges
from .metrics.bootstrap import Interval
from .model_measures import measure_model
from .numbers import Numbers, RealPictures, evaluate_outputs, real_floor
from .testsets import EvaluationSet, load_testset
from .trials import Painter, Trials, model_painter, paint_trials, plan_trials, real_outputs

logger = logging.getLogger(__name__)
OURS = "ours"
FLOOR = "floor (real to real)"


def cheap_baselines() -> dict[str, Painter]:
    """Those that need no training and no download."""
    return {
        "flat fill": flat_fill,
        "reference under ink": reference_under_ink,
        "histogram transfer": histogram_transfer,
    }


def evaluate_painters(
    painters: Mapping[str, Painter], testset: EvaluationSet, foreign: int = 2, more: Judges = NO_MORE_JUDGES
) -> tuple[dict[str, Numbers], dict[str, list[np.ndarray]], Trials]:
    """-> numbers by painter (and of the real pictures and the floor), outputs by painter, and what was painted."""
    trials = plan_trials(testset.groups, foreign)
    real = RealPictures.of(testset, load_judge(), more)
    rows, outputs = {}, {}
    for name, paint in painters.items():
        start = time.perf_counter()
        outputs[name] = paint_trials(paint, testset, trials)
        rows[name] = evaluate_outputs(outputs[name], trials, real)
        logger.info("%s: %d pictures in %.0f s", name, len(trials), time.perf_counter() - start)
    rows[REAL] = evaluate_outputs(real_outputs(testset, trials), trials, real)
    rows[FLOOR] = real_floor(real)
    # The real pictures are the own target and foreign only by relabelling: their distances are the floor's.
    rows[REAL] = {key: value for key, value in rows[REAL].items() if not key.startswith(("kid_", "frechet_"))}
    return rows, outputs, trials


def save_rows(rows: Rows, path: Path, **facts: object) -> None:
    numbers = {name: {key: asdict(value) for key, value in row.items()} for name, row in rows.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**facts, "rows": numbers}, indent=1) + "\n", encoding="utf-8")


def load_rows(path: Path) -> dict[str, Numbers]:
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return {name: {key: Interval(**value) for key, value in row.items()} for name, row in rows.items()}


def result_sheet(
    paint: Painter, testset: EvaluationSet, rows: int = 8, foreign: int = 4, tile: int = 192
) -> torch.Tensor:
    """Picture | drawing | painted after itself | after four others, with these others small on top. (1,3,H,W)."""
    rows, count = min(rows, len(testset)), len(testset)
    picks = np.linspace(0, count - 1, foreign, dtype=int)
    pictures = [uint8_to_image(p) for p in testset.pictures]
    lines = [[None, None, None, *(pictures[j] for j in picks)]]
    for i in np.linspace(0, count - 1, rows, dtype=int):
        ink = torch.from_numpy(testset.inks[i])[None, None]
        painted = [paint(ink, pictures[j]) for j in (i, *picks)]
        lines.append([pictures[i], (1 - 2 * ink).expand(-1, 3, -1, -1), *painted])
    return contact_sheet(lines, tile)


def evaluation_parser(program: str = "python -m evaluation evaluate") -> argparse.ArgumentParser:
    """The options of every command that evaluates one model."""
    parser = argparse.ArgumentParser(prog=program, description=__doc__)
    parser.add_argument("bundle", nargs="?", help="a bundle, a name, or owner/name; the bundled model by default")
    parser.add_argument("--bundle", dest="bundle_option", metavar="BUNDLE", help="the same")
    parser.add_argument("--random", action="store_true", help="an untrained compact model: what chance gives")
    parser.add_argument("--testset", type=Path, help="a folder that train freeze_testset wrote")
    parser.add_argument("--count", type=int, default=24, help="pictures at most")
    parser.add_argument("--foreign", type=int, default=1, help="foreign references per drawing")
    parser.add_argument("--no-baselines", action="store_true")
    parser.add_argument("--inception", action="store_true", help="also KID and Frechet by InceptionV3 (a download)")
    parser.add_argument("--lpips", action="store_true", help="also LPIPS on AlexNet (a download)")
    parser.add_argument("--full", action="store_true", help="every column, consistency, the probe and the sketches")
    parser.add_argument("--draft", action="store_true", help="also without the refiner")
    parser.add_argument("--out", type=Path, help="write the sheet here (.png)")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    return parser


def model_of(arguments: argparse.Namespace) -> SketchToImage:
    if arguments.random:
        return SketchToImage.from_config(ModelConfig.compact())
    return SketchToImage.from_pretrained(arguments.bundle or arguments.bundle_option)


def evaluate_model(
    model: SketchToImage, testset: EvaluationSet, arguments: argparse.Namespace, strength: float = 1.0
) -> None:
    """Paint, measure, print the table, and write what was asked for. strength: of the refiner."""
    painters: dict[str, Painter] = {OURS: model_painter(model, strength)}
    if arguments.draft:
        painters["ours, no refiner"] = model_painter(model, strength=0.0)
    if not arguments.no_baselines:
        painters |= cheap_baselines()
    more = load_judges(arguments.inception, arguments.lpips)
    rows, _, _ = evaluate_painters(painters, testset, arguments.foreign, more)
    print(f"{len(testset)} pictures of {testset.source}; {model.provenance.get('pictures', '?')} pictures seen\n")
    print(table(rows, ALL_COLUMNS) if arguments.full else table(rows))
    print(f"\n{verdicts(rows, OURS)}")
    measures = measure_model(model, testset) if arguments.full else {}
    for key, value in measures.items():
        print(f"{key}: {value:.3f}")
    if arguments.json:
        name = arguments.bundle or arguments.bundle_option or "bundled"
        save_rows(rows, arguments.json, bundle=name, testset=testset.source, model=measures)
    if arguments.out:
        save_image(result_sheet(painters[OURS], testset), arguments.out)


def main() -> None:
    arguments = evaluation_parser().parse_args()
    if not arguments.testset:
        raise EvaluationError("nothing to evaluate on: give --testset FOLDER")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    evaluate_model(model_of(arguments), load_testset(arguments.testset).first(arguments.count), arguments)


if __name__ == "__main__":
    run_command(main)
