"""Frozen test sets, what is painted after what, and the commands that evaluate."""

import logging
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from evaluation import evaluate
from evaluation.errors import EvaluationError
from evaluation.evaluate import load_rows, result_sheet
from evaluation.model_measures import content_probe, measure_model
from evaluation.testsets import from_pairs, load_testset, save_testset
from evaluation.trials import model_painter, paint_trials, plan_trials
from s2i.config import ModelConfig
from s2i.pipeline import SketchToImage
from s2i.weights import save_bundle
from tests.evaluation.test_metrics import TESTSET, StandInJudge
from train.data import freeze_testset
from train.data.freeze_testset import canny_ink, from_pictures
from train.data.pictures import split_of


@pytest.fixture(scope="module")
def tiny():
    return SketchToImage.from_config(ModelConfig.tiny())


@pytest.fixture(scope="module")
def small():
    return load_testset(TESTSET).first(4)


def disc(path, colour):
    y, x = np.mgrid[:80, :100]
    inside = np.hypot(y - 40, x - 50) < 25
    Image.fromarray(np.where(inside[..., None], colour, 235).astype(np.uint8)).save(path)


def test_committed_sets_are_of_their_splits_and_credited():
    for split in ("test", "validation"):
        folder = TESTSET.parent / split
        found = load_testset(folder)
        assert len(found) == 24 and found.pictures.shape[1:] == (256, 256, 3)
        assert {split_of(group) for group in found.groups} == {split}
        credited = (folder / "credits.csv").read_text().splitlines()[1:]
        assert len(credited) == 24 and all("public domain" in line for line in credited)
        assert 0.01 < found.inks.mean() < 0.3 and found.inks.max() == 1
    assert sum(p.stat().st_size for p in TESTSET.parent.rglob("*.*")) < 1.5e6


def test_a_set_survives_the_trip_to_disk(tmp_path, small):
    save_testset(small, tmp_path / "set", quality=95)
    back = load_testset(tmp_path / "set")
    assert back.names == small.names and back.groups == small.groups
    assert np.abs(back.inks - small.inks).max() < 0.04
    assert np.abs(back.pictures.astype(int) - small.pictures).mean() < 4


def test_sets_that_do_not_fit_are_named(tmp_path, small):
    with pytest.raises(EvaluationError, match="holds no test set"):
        load_testset(tmp_path)
    save_testset(small, tmp_path)
    Image.new("L", (10, 10)).save(tmp_path / f"{small.names[1]}.png")
    with pytest.raises(EvaluationError, match="must have the size"):
        load_testset(tmp_path)
    (tmp_path / f"{small.names[1]}.png").unlink()
    with pytest.raises(EvaluationError, match="has no drawing"):
        load_testset(tmp_path)


def test_pictures_become_squares_with_canny_drawings_every_artist_first(tmp_path):
    for tone, name in enumerate(("ann_1", "ann_2", "bob_1")):
        disc(tmp_path / f"{name}.png", (20 * tone, 40, 90))
    found = from_pictures(tmp_path, None, 64)
    assert found.pictures.shape == (3, 64, 64, 3)
    assert set(found.groups[:2]) == {"ann", "bob"}
    assert 0.02 < found.inks.mean() < 0.3 and "Canny" in found.source
    assert not canny_ink(np.full((64, 64, 3), 99, np.uint8)).any()


def test_genuine_pairs_are_read_as_they_are(tmp_path):
    for kind, colour in (("black", (0, 0, 0)), ("color", (250, 200, 40))):
        (tmp_path / kind).mkdir()
        disc(tmp_path / kind / "1F600.png", colour)
    found = from_pairs(tmp_path, 64)
    assert found.inks[0, 32, 32] > 0.9 and found.inks[0, 2, 2] < 0.05
    assert found.pictures[0, 32, 32].tolist() == [250, 200, 40]
    with pytest.raises(EvaluationError, match="has no pairs"):
        from_pairs(tmp_path / "color")


def test_few_pairs_are_spread_over_all_names_and_keep_their_sources(tmp_path, monkeypatch):
    names = [f"{n:02}" for n in range(11)]
    for kind in ("black", "color"):
        (tmp_path / "in" / kind).mkdir(parents=True)
        for name in names:
            disc(tmp_path / "in" / kind / f"{name}.png", (0, 0, 0))
    rows = [f"{kind}/{name}.png,npm,CC BY-SA 4.0,0" for kind in ("black", "color") for name in names]
    (tmp_path / "in" / "manifest.csv").write_text("\n".join(["file,source,licence,sha256", *rows]) + "\n")
    assert from_pairs(tmp_path / "in", 32, None).names == tuple(names)
    monkeypatch.setattr(sys, "argv", ["testsets", "pairs", str(tmp_path / "in"), str(tmp_path / "out"), "--count", "3",
                                      "--size", "32"])
    freeze_testset.main()
    assert load_testset(tmp_path / "out").names == ("00", "05", "10")
    kept = (tmp_path / "out" / "manifest.csv").read_text().splitlines()
    assert len(kept) == 7 and all("CC BY-SA 4.0" in line for line in kept[1:])


def test_trials_never_pair_a_drawing_with_its_own_artist_as_a_stranger():
    groups = ("a", "a", "b", "c", "c", "c", "d", "e")
    trials = plan_trials(groups, 2)
    assert trials.own.sum() == 8 and len(trials) == 24
    assert all(groups[i] != groups[j] for i, j in zip(trials.ink, trials.reference, strict=True) if i != j)
    foreign = trials.reference[~trials.own]
    assert np.bincount(foreign, minlength=8).max() <= 5
    assert len({(i, j) for i, j in zip(trials.ink, trials.reference, strict=True)}) == 24


def test_painters_get_what_the_trials_say(small):
    trials = plan_trials(small.groups, 1)
    echoed = paint_trials(lambda ink, reference: reference * (1 - ink), small, trials, batch=3)
    for k, output in enumerate(echoed):
        blank = small.inks[trials.ink[k]] == 0
        assert np.array_equal(output[blank], small.pictures[trials.reference[k]][blank])


def test_measures_of_a_model_have_their_ranges(tiny, small):
    values = measure_model(tiny, small, many=3, few=2)
    assert len(values) == 5 and all(np.isfinite(v) and v >= 0 for v in values.values())
    assert 0 <= content_probe(tiny, small) <= 1


def test_sheet_has_a_row_per_drawing_and_a_column_per_reference(tiny, small):
    sheet = result_sheet(model_painter(tiny), small, rows=2, foreign=2, tile=32)
    assert sheet.shape == (1, 3, 3 * 36 - 4, 5 * 36 - 4)


def test_the_command_evaluates_a_bundle(tmp_path, tiny, small, monkeypatch, capsys):
    module = tiny.module
    parts = {name: part.state_dict() for name, part in module.named_children()}
    save_bundle(tmp_path / "tiny.safetensors", parts, tiny.config, {"pictures": 7})
    save_testset(small, tmp_path / "set")
    monkeypatch.setattr(evaluate, "load_judge", StandInJudge)
    monkeypatch.setattr(sys, "argv", [
        "evaluate", str(tmp_path / "tiny.safetensors"), "--testset", str(tmp_path / "set"), "--count", "3",
        "--json", str(tmp_path / "rows.json"), "--out", str(tmp_path / "sheet.png"),
    ])
    evaluate.main()
    shown = capsys.readouterr().out
    assert "7 pictures seen" in shown and "| ours |" in shown and "ours against" in shown
    rows = load_rows(tmp_path / "rows.json")
    assert next(iter(rows)) == "ours" and {"flat fill", "real pictures"} <= set(rows)
    assert rows["flat fill"]["canny_f1_2px"].value > 0.8 > rows["real pictures"]["canny_f1_2px"].value
    assert Image.open(tmp_path / "sheet.png").width > 500


def test_nothing_to_evaluate_on_is_said_in_one_line(monkeypatch, caplog):
    monkeypatch.setattr(sys, "argv", ["evaluate", "--random"])
    with pytest.raises(EvaluationError, match="give --testset FOLDER"), caplog.at_level(logging.ERROR):
        evaluate.main()


def test_the_freezing_command_copies_credits(tmp_path, monkeypatch):
    source = tmp_path / "in"
    source.mkdir()
    for name in ("ann_1", "bob_2"):
        disc(source / f"{name}.png", (200, ord(name[0]), 40))
    (source / "credits.csv").write_text("file,artist\nann_1.png,Ann\nzoe_9.png,Zoe\n")
    monkeypatch.setattr(sys, "argv", ["testsets", "paintings", str(source), str(tmp_path / "out"), "--split", "all",
                                      "--size", "48"])
    freeze_testset.main()
    assert len(load_testset(tmp_path / "out")) == 2
    assert (tmp_path / "out" / "credits.csv").read_text() == "file,artist\nann_1.png,Ann\n"


def test_random_weights_are_left_alone_by_evaluation(tiny, small):
    before = torch.random.get_rng_state()
    paint_trials(model_painter(tiny), small, plan_trials(small.groups, 0))
    assert torch.equal(before, torch.random.get_rng_state())
