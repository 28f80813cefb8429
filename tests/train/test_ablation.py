"""Rows of the ablation table."""

import json

import numpy as np
import pytest
from PIL import Image

from train.ablation import CONFIGS, edge_inks, fewer_looks, row_config, row_names, shortened, to_toml
from train.data.samples import SampleConfig
from train.engine.loop_config import LoopConfig
from train.engine.toml_config import from_table, read_config
from train.errors import TrainError
from train.stages.autoencoder import AutoencoderSchedule, AutoencoderWeights
from train.stages.painting import model_config


@pytest.mark.parametrize("row", row_names())
def test_every_row_is_a_configuration_that_training_accepts(row):
    tables = row_config(row)
    assert model_config(tables["model"]).widths
    from_table(AutoencoderWeights, tables.get("weights", {}), "weights")
    from_table(AutoencoderSchedule, tables["schedule"], "schedule")
    from_table(SampleConfig, tables["samples"], "samples")
    loop = from_table(LoopConfig, tables["loop"], "loop")
    assert loop.num_images == 32_000
    assert set(tables["bench"]) == {"stage", "looks", "edges"}


def test_a_shorter_row_keeps_the_proportions_of_its_schedule():
    whole, short = row_config("gan"), shortened(row_config("gan"), 8_000)
    assert short["loop"]["num_images"] == 8_000
    assert short["schedule"]["adversarial_from"] * 4 == whole["schedule"]["adversarial_from"]
    assert short["loop"]["decay_images"] * 4 == whole["loop"]["decay_images"]
    assert short["loop"]["batch"] == whole["loop"]["batch"] and short["samples"] == whole["samples"]


def test_rows_differ_from_ours_and_from_one_another():
    rows = {name: json.dumps(row_config(name), sort_keys=True) for name in row_names()}
    assert len(set(rows.values())) == len(rows) >= 14
    assert row_config("no_mmi")["weights"]["mutual_information"] == 0
    assert not model_config(row_config("no_dmi")["model"]).dmi
    assert model_config(row_config("paper")["model"]).name == "paper"
    with pytest.raises(TrainError, match="there is no row 'all'"):
        row_config("all")


def test_toml_survives_the_trip(tmp_path):
    tables = {"a": {"x": 1, "y": 0.5, "z": "text", "on": True, "many": [1, 2]}, "b": {"rate": 1e-3}}
    path = tmp_path / "t.toml"
    path.write_text(to_toml(tables))
    assert read_config(path) == tables
    assert CONFIGS.is_dir()


def test_fewer_looks_keep_every_picture(tmp_path):
    source = tmp_path / "inks"
    source.mkdir()
    for key in ("aa", "bb"):
        for look in range(6):
            (source / f"{key}_{look}.png").write_bytes(bytes([look]))
    for looks, expected in ((1, 1), (3, 3), (10, 6)):
        out = fewer_looks(source, looks, tmp_path / f"out{looks}")
        assert len(list(out.glob("aa_*.png"))) == len(list(out.glob("bb_*.png"))) == expected


def test_edge_inks_are_named_by_content(tmp_path):
    import hashlib

    picture = np.full((48, 48, 3), 230, np.uint8)
    picture[12:36, 12:36] = 30
    Image.fromarray(picture).save(tmp_path / "a.png")
    out = edge_inks(tmp_path, 48, tmp_path / "edges")
    key = hashlib.sha256((tmp_path / "a.png").read_bytes()).hexdigest()[:16]
    drawn = np.asarray(Image.open(out / f"{key}_0.png"))
    assert drawn.min() < 60 and np.median(drawn) == 255
