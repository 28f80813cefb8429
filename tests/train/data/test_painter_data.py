"""From a folder, a table or shards to what the painter learns from."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from train.data.painter_data import PainterDataConfig, build_painter_data
from train.data.painter_samples import PainterSamples
from train.data.shards import ShardStream
from train.engine.loop_config import LoopConfig
from train.errors import TrainError

LOOP = LoopConfig(batch=4, workers=0)
SAMPLES = PainterSamples(size=32, block=4)


def picture(seed):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (40, 60, 3), np.uint8))


def drawing(path):
    page = np.full((50, 60), 255, np.uint8)
    page[10:14, 5:50], page[5:45, 30:34] = 0, 0
    Image.fromarray(page).save(path)


@pytest.fixture
def root(tmp_path):
    for folder in ("plates", "inks", "hands"):
        (tmp_path / folder).mkdir()
    for i in range(4):
        picture(i).save(tmp_path / "plates" / f"{i}.png")
    drawing(tmp_path / "inks" / "a.png")
    drawing(tmp_path / "inks" / "b.png")
    drawing(tmp_path / "hands" / "c.png")
    return tmp_path


TABLE = """file,kind,split,crop
plates/0.png,picture,train,
plates/1.png,picture,train,0 0 40 40
plates/2.png,picture,validation,
plates/3.png,picture,drop,
inks/a.png,drawing,train,
inks/b.png,drawing,drop,
hands/c.png,doodle,validation,
"""


def test_a_table_says_what_is_learned_from(root):
    (root / "table.csv").write_text(TABLE)
    config = PainterDataConfig(root=str(root), table=str(root / "table.csv"), short_side=40)
    data = build_painter_data(config, SAMPLES, 3, LOOP)
    assert data.pictures == 2 and data.stream.provenance()["drawings"] == 1
    assert data.image.shape == (1, 3, 32, 32) and data.drawing.shape == (1, 1, 32, 32)
    everything = build_painter_data(replace(config, split="all"), SAMPLES, 3, LOOP)
    assert everything.pictures == 3 and everything.stream.facts["drawings"] == 2, "what is dropped never comes back"


def test_folders_will_do(root):
    config = PainterDataConfig(root=str(root / "plates"), drawings=str(root / "inks"), doodles=str(root / "hands"),
                               short_side=40, split="all")
    data = build_painter_data(config, SAMPLES, 3, LOOP)
    assert data.pictures == 4 and data.stream.facts["drawings"] == 3
    assert next(iter(data.stream.batches()))["image"].shape == (4, 3, 32, 32)


def test_shards_in_place_of_a_folder(root):
    pytest.importorskip("webdataset")
    (root / "shards").mkdir()
    for shard in range(2):
        with tarfile.open(root / "shards" / f"{shard}.tar", "w") as tar:
            for i in range(4):
                buffer = io.BytesIO()
                picture(10 * shard + i).save(buffer, "PNG")
                info = tarfile.TarInfo(f"p{i}.png")
                info.size = buffer.tell()
                tar.addfile(info, io.BytesIO(buffer.getvalue()))
    config = PainterDataConfig(shards=str(root / "shards"), drawings=str(root / "inks"), short_side=40)
    data = build_painter_data(config, SAMPLES, 3, LOOP)
    assert isinstance(data.stream, ShardStream) and data.image.shape[1:] == (3, 32, 32)
    batch = next(iter(data.stream.batches()))
    assert batch["image"].shape == (4, 3, 32, 32) and batch["role"].tolist() == [0, 0, 1, 2]
    with pytest.raises(TrainError, match="one size"):
        build_painter_data(config, replace(SAMPLES, large_size=64), 3, LOOP)


def test_nothing_to_learn_from_is_said(root):
    with pytest.raises(TrainError, match="give --data"):
        build_painter_data(PainterDataConfig(), SAMPLES, 3, LOOP)
    with pytest.raises(TrainError, match="give a folder of drawings"):
        build_painter_data(PainterDataConfig(root=str(root / "plates"), split="all"), SAMPLES, 3, LOOP)
