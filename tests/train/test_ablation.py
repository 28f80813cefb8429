"""Rows of the ablation table."""

import json
from dataclasses import fields

import pytest

from train.ablation import CONFIGS, row_config, row_names, shortened, to_toml
from train.data.painter_data import PainterDataConfig
from train.data.painter_samples import PainterSamples
from train.engine.loop_config import LoopConfig
from train.engine.toml_config import from_table, read_config
from train.errors import TrainError
from train.stages.painter import model_config
from train.stages.painter_settings import PainterOptimizers, PainterSchedule, PainterWeights


@pytest.mark.parametrize("row", row_names())
def test_every_row_is_a_configuration_that_training_accepts(row):
    tables = row_config(row)
    assert model_config(tables["model"]).widths
    from_table(PainterWeights, tables["weights"], "weights")
    from_table(PainterSchedule, tables["schedule"], "schedule")
    from_table(PainterOptimizers, tables["optimizer"], "optimizer")
    from_table(PainterDataConfig, tables["data"], "data")
    assert from_table(PainterSamples, tables["samples"], "samples").places()
    assert from_table(LoopConfig, tables["loop"], "loop").num_images == 5_000
    assert set(tables["bench"]) == {"stage"}


CONFIGURATIONS = sorted(p.name for p in CONFIGS.parent.glob("painter*.toml"))


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_every_shipped_configuration_is_complete(name):
    """What ships says every weight itself: a default that changes must not change a run."""
    tables = read_config(CONFIGS.parent / name)
    named = {f.name for f in fields(PainterWeights)} - {"r1", "r2"}
    assert named <= set(tables["weights"])
    assert from_table(PainterSamples, tables["samples"], "samples").block == tables["loop"]["batch"]


def test_the_shipped_recipe_is_the_default():
    tables = read_config(CONFIGS.parent / "painter-art.toml")
    assert from_table(PainterWeights, tables["weights"], "weights") == PainterWeights()
    assert from_table(PainterOptimizers, tables["optimizer"], "optimizer") == PainterOptimizers()


def test_a_shorter_row_keeps_the_proportions_of_its_schedule():
    whole, short = row_config("ours"), shortened(row_config("ours"), 1_000)
    assert short["loop"]["num_images"] == 1_000
    assert short["loop"]["decay_images"] * 5 == whole["loop"]["decay_images"]
    assert short["loop"]["batch"] == whole["loop"]["batch"] and short["samples"] == whole["samples"]
    assert short["schedule"]["adversarial_from"] == whole["schedule"]["adversarial_from"] < 0, "met before the row"
    assert short["schedule"]["adversarial_lead"] * 5 == whole["schedule"]["adversarial_lead"]


@pytest.mark.parametrize("row", row_names())
def test_a_row_with_an_adversary_meets_it_early_enough(row):
    tables = row_config(row)
    weights = tables["weights"]
    if weights["adversarial"] or weights["relativistic"]:
        schedule = from_table(PainterSchedule, tables["schedule"], "schedule")
        assert schedule.adversarial_share(tables["loop"]["num_images"] // 2) == 1
    assert tables["samples"]["large_size"] == 0, "all are of 128 pixels"


def test_rows_differ_from_ours_and_from_one_another():
    rows = {name: json.dumps(row_config(name), sort_keys=True) for name in row_names()}
    assert len(set(rows.values())) == len(rows) >= 20
    assert row_config("no_adversary")["weights"]["adversarial"] == 0
    assert row_config("ours")["weights"]["features"] == row_config("no_adversary")["weights"]["features"] == 1
    assert not model_config(row_config("no_dmi")["model"]).dmi
    assert model_config(row_config("no_trunk")["model"]).trunk is None
    assert model_config(row_config("paper")["model"]).name == "paper"
    with pytest.raises(TrainError, match="there is no row 'all'"):
        row_config("all")


def test_toml_survives_the_trip(tmp_path):
    tables = {"a": {"x": 1, "y": 0.5, "z": "text", "on": True, "many": [1, 2]}, "b": {"rate": 1e-3}}
    path = tmp_path / "t.toml"
    path.write_text(to_toml(tables))
    assert read_config(path) == tables
    assert CONFIGS.is_dir()
