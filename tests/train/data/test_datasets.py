"""From the options of a command to streams: a folder or shards, inks cached or drawn on the fly."""

from __future__ import annotations

import argparse
import io
import tarfile
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from s2i.config import ModelConfig
from s2i.models.sketch_to_image import SketchToImageModel
from s2i.weights import COMPONENTS, save_bundle
from train.data.datasets import DataConfig, add_data_options, build_data, data_config
from train.data.samples import SampleConfig
from train.data.shards import ShardStream
from train.errors import TrainError

LOOP = SimpleNamespace(seed=0, batch=2, workers=0)
SAMPLES = SampleConfig(size=32)


def picture(seed):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (40, 60, 3), np.uint8))


@pytest.fixture
def bundle(tmp_path):
    torch.manual_seed(0)
    module = SketchToImageModel(ModelConfig.tiny())
    parts = {name: getattr(module, name).state_dict() for name in COMPONENTS}
    save_bundle(tmp_path / "tiny.safetensors", parts, ModelConfig.tiny(), {})
    return str(tmp_path / "tiny.safetensors")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pictures").mkdir()
    for i in range(4):
        picture(i).save(tmp_path / "pictures" / f"artist{i}_a.png")
    return str(tmp_path / "pictures")


def write_shards(folder, inks):
    folder.mkdir()
    for shard in range(2):
        with tarfile.open(folder / f"{shard}.tar", "w") as tar:
            for i in range(4):
                files = [(f"p{i}.png", picture(10 * shard + i))]
                files += [(f"p{i}.0.ink.png", Image.new("L", (60, 40), 255))] * inks
                for name, image in files:
                    buffer = io.BytesIO()
                    image.save(buffer, "PNG")
                    info = tarfile.TarInfo(name)
                    info.size = buffer.tell()
                    tar.addfile(info, io.BytesIO(buffer.getvalue()))
    return str(folder)


def test_inks_are_drawn_on_the_fly_by_a_frozen_extractor(folder, bundle, tmp_path):
    config = DataConfig(pictures=folder, extractor=bundle, short_side=40, split="all", cache=str(tmp_path / "cache"))
    data = build_data(config, SAMPLES, LOOP)
    batch = next(data.stream.batches())
    assert data.count == 4 and batch["ink"].shape == (2, 1, 32, 32)
    assert data.stream.dataset[0].inks.shape[0] == ModelConfig.tiny().extractor.variants
    kept = {p.name for p in (tmp_path / "cache").iterdir() if "inks" in p.name}
    assert len(kept) == 4 and not any(p.endswith("_inks.npy") for p in kept), "the cache knows whose inks they are"


def test_without_inks_the_error_says_how_to_get_them(folder, tmp_path):
    with pytest.raises(TrainError, match=r"train\.sketches.*--extractor bundled"):
        build_data(DataConfig(pictures=folder, split="all"), SAMPLES, LOOP)
    with pytest.raises(TrainError, match="holds no inks"):
        build_data(DataConfig(shards=write_shards(tmp_path / "none", 0), short_side=40), SAMPLES, LOOP)


@pytest.mark.parametrize("inks", [0, 1])
def test_shards_in_place_of_a_folder(tmp_path, bundle, inks):
    config = DataConfig(shards=write_shards(tmp_path / "shards", inks), extractor="" if inks else bundle, short_side=40)
    data = build_data(config, SAMPLES, LOOP)
    assert isinstance(data.stream, ShardStream)
    batch = next(data.stream.batches())
    assert batch["image"].shape == (2, 3, 32, 32) and batch["index"].max() < data.count
    assert data.preview["image"].shape[1:] == (3, 32, 32)
    assert data.stream.provenance()["shards"] == 2


def test_options_override_the_table_and_pictures_are_needed():
    parser = argparse.ArgumentParser()
    add_data_options(parser)
    with pytest.raises(TrainError, match="give --data"):
        data_config(DataConfig(), parser.parse_args([]))
    given = data_config(DataConfig(pictures="a", inks="b"), parser.parse_args(["--data", "c", "--shards", "d"]))
    assert (given.pictures, given.inks, given.shards) == ("c", "b", "d")
