"""The whole table, of painters whose answers are known."""

import json

import numpy as np
import pytest
import torch

from evaluation import rows
from evaluation.baselines.flat_fill import flat_fill
from evaluation.baselines.histogram_transfer import histogram_transfer
from evaluation.baselines.reference_under_ink import reference_under_ink
from evaluation.columns import COLUMNS, REAL, table
from evaluation.commands import ablations, quality, sheet
from evaluation.commands.ablations import ablation_table, read_runs
from evaluation.errors import EvaluationError
from evaluation.measures import measure, measure_real
from evaluation.metrics.intervals import Interval
from evaluation.painters import paint_all
from evaluation.real_pictures import Real
from evaluation.tasks import plan_tasks
from evaluation.testsets.rendering import render
from evaluation.testsets.selection import select
from s2i.config import ModelConfig
from s2i.pipeline import SketchToImage
from tests.evaluation.stand_ins import stand_in_judge, write_data


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    return folder, write_data(folder)


@pytest.fixture(scope="module")
def real(data):
    testset = render(select(data[0], "test", data[1]), data[0], size=96)
    return Real.of(testset, stand_in_judge())


@pytest.fixture(scope="module")
def tasks(real):
    return plan_tasks(real.testset)


def values_of(paint, real, tasks):
    outputs = {name: paint_all(paint, t.inks, real.testset.pictures[t.reference]) for name, t in tasks.items()}
    return {key: interval.value for key, interval in measure(outputs, tasks, real).items()}


@pytest.fixture(scope="module")
def identity(real, tasks):
    """Outputs that are the reference itself, without its lines."""
    return values_of(lambda ink, reference: reference, real, tasks)


def test_a_model_is_called_what_the_command_says():
    assert quality.titled(None) == {"ours": None}
    assert quality.titled(["a/new.safetensors", "before=b/new.safetensors"]) == {
        "new": "a/new.safetensors", "before": "b/new.safetensors"}
    with pytest.raises(EvaluationError, match="NAME=FILE"):
        quality.titled(["a/model.safetensors", "b/model.safetensors"])


def test_the_reference_itself_has_its_colours_its_style_and_real_pictures_distance(identity, real, tasks):
    floor = measure_real(tasks, real)
    assert identity["kid/own"] == pytest.approx(floor["kid/own"].value)
    assert identity["edge_f1/own"] == pytest.approx(floor["edge_f1/own"].value)
    for key in ("contrast/own", "hues/unpaired", "chroma/unpaired", "retrieval/own", "retrieval/unpaired"):
        assert identity[key] == pytest.approx(1)
    assert identity["lab/unpaired"] == pytest.approx(0, abs=1e-6)


def test_each_cheat_wins_where_it_cheats_and_is_caught_elsewhere(identity, real, tasks):
    flat, pasted, moved = (values_of(p, real, tasks) for p in (flat_fill, reference_under_ink, histogram_transfer))
    assert flat["edge_f1/unpaired"] > 0.9 and flat["recall/drawings"] > 0.9
    assert flat["contrast/own"] < 0.3 and flat["hues/unpaired"] < 0.7 and flat["darkness/drawings"] > 20
    assert pasted["hues/unpaired"] > 0.8 and pasted["leakage/unpaired"] > 0.3 > 0.1 > abs(flat["leakage/unpaired"])
    assert moved["lab/unpaired"] < flat["lab/unpaired"]
    assert flat["kid/unpaired"] > identity["kid/unpaired"]


def test_shuffled_references_are_caught_by_style_alone(identity, real, tasks):
    outputs = {name: real.testset.pictures[np.roll(t.reference, 5)] for name, t in tasks.items()}
    numbers = {k: v.value for k, v in measure(outputs, tasks, real).items()}
    assert numbers["retrieval/own"] < 0.5 and numbers["lab/own"] > 10


def test_the_table_has_a_line_per_column_and_the_goals():
    rows = {"ours": {c.key: Interval(0.5, 0.4, 0.6) for c in COLUMNS}, REAL: {"kid/own": Interval(0.2, 0.1, 0.3)}}
    text = table(rows)
    assert len(text.splitlines()) == len(COLUMNS) + 2
    assert text.count("200 [100, 300]") == 3, "the floor stands beside every KID"
    assert "500 [400, 600]" in text and ">= .85" in text


def run(monkeypatch, module, *options):
    monkeypatch.setattr("sys.argv", ["command", *map(str, options)])
    module.main()


@pytest.fixture
def tiny(monkeypatch, data):
    """The command's own model, judge and list, replaced by small ones."""
    model = SketchToImage.from_config(ModelConfig.tiny())
    chosen = select(data[0], "validation", data[1])
    for module in (quality, sheet):
        monkeypatch.setattr(module, "load_selection", lambda split: chosen)
    monkeypatch.setattr(rows, "load_judge", stand_in_judge)
    bundled = SketchToImage.from_pretrained
    monkeypatch.setattr(SketchToImage, "from_pretrained", lambda name=None: model if name else bundled())
    return model


def test_quality_prints_the_table_and_writes_numbers_that_ablations_reads(tiny, data, tmp_path, monkeypatch, capsys):
    document = tmp_path / "results.md"
    document.write_text("<!-- bench:quality-validation -->\n<!-- /bench -->\n")
    options = ["--data", data[0], "--model", "tiny.safetensors", "--count", 4]
    run(monkeypatch, quality, *options, "--no-cheats", "--json", tmp_path / "a.json", "--document", document)
    out = capsys.readouterr().out
    assert "| tiny | real pictures |" in out and "KID" in out and "flat fill" not in out
    assert "KID" in document.read_text()
    stored = json.loads((tmp_path / "a.json").read_text())
    assert stored["split"] == "validation" and stored["inked"] == 4 and set(stored["rows"]) == {"tiny", REAL}
    run(monkeypatch, ablations, tmp_path / "a.json")
    assert "| a |" in capsys.readouterr().out


def test_ablations_mark_what_is_apart_from_the_first_run():
    runs = {"ours": {"kid/own": Interval(0.3, 0.2, 0.4)}, "less": {"kid/own": Interval(0.9, 0.8, 1.0)},
            "same": {"kid/own": Interval(0.35, 0.25, 0.45)}}
    text = ablation_table(runs)
    assert "**900 [800, 1000]**" in text and "| 350 [250, 450]" in text


def test_a_missing_run_is_said_in_one_line(tmp_path):
    with pytest.raises(EvaluationError, match=r"quality --json .*none.json` makes it"):
        read_runs([tmp_path / "none.json"])


def test_the_sheet_shows_two_models_side_by_side(tiny, data, tmp_path, monkeypatch):
    from PIL import Image

    options = ["--data", data[0], "--model", "tiny.safetensors", "--size", 64, "--tile", 48, "--drawings", 2]
    options += ["--doodles", 1, "--references", 2]
    run(monkeypatch, sheet, *options, "--out", tmp_path)
    run(monkeypatch, sheet, *options, "--model", "other.safetensors", "--out", tmp_path / "two")
    one, two = (Image.open(folder / "sheet-64.jpg") for folder in (tmp_path, tmp_path / "two"))
    assert one.height > 4 * 48 and one.width > 3 * 48 and two.width == 2 * one.width


def test_painting_does_not_depend_on_the_batch():
    model = SketchToImage.from_config(ModelConfig.tiny())
    inks = (np.random.default_rng(0).random((3, 48, 48)) > 0.9).astype(np.float32)
    references = np.random.default_rng(1).integers(0, 255, (3, 48, 48, 3)).astype(np.uint8)

    def paint(ink, reference):
        return model(ink, reference, seed=0)

    together, alone = (paint_all(paint, inks[:1], references[:1], batch) for batch in (3, 1))
    assert np.abs(together.astype(int) - alone).max() <= 1
    assert torch.is_grad_enabled()
