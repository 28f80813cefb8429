"""One command trains every stage on a folder of four pictures and ends with a bundle that `s2i paint` loads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from evaluation.baselines.hed import EdgeNet
from s2i.bundle import read_header
from train.all import CONFIG_SETS, SHARES, launcher
from train.engine.toml_config import read_config

h5py = pytest.importorskip("h5py")
pytest.importorskip("accelerate")
pytest.importorskip("scipy")
ROOT = Path(__file__).parents[2]


def write_edge_net(path: Path) -> None:
    """HED's layout with random weights: the real ones are a download."""
    torch.manual_seed(0)
    net = EdgeNet()
    with h5py.File(path, "w") as file:
        def put(name: str, conv: torch.nn.Conv2d) -> None:
            group = file.create_group(f"{name}/vars")
            weight = torch.randn_like(conv.weight) * (2 / conv.weight[0].numel()) ** 0.5
            group["0"] = weight.permute(2, 3, 1, 0).numpy().astype(np.float16)
            group["1"] = np.zeros(len(conv.bias), np.float32)

        for b, convs in enumerate(net.trunk.blocks, 1):
            for i, conv in enumerate(convs):
                put(f"block{b}/layers/conv2d{f'_{i}' if i else ''}", conv)
        for b, side in enumerate(net.sides, 1):
            put(f"dsn{b}", side)
        put("fuse", net.fuse)


def draw_pictures(folder: Path) -> None:
    rng = np.random.default_rng(0)
    (folder / "pictures" / "nested").mkdir(parents=True)
    (folder / "drawings").mkdir()
    for i in range(4):
        picture = Image.new("RGB", (120, 100), tuple(rng.integers(0, 255, 3).tolist()))
        drawing = Image.new("L", (100, 100), 255)
        box = (20 + 5 * i, 15, 80 + 5 * i, 70)
        ImageDraw.Draw(picture).ellipse(box, fill=tuple(rng.integers(0, 255, 3).tolist()))
        ImageDraw.Draw(drawing).ellipse(box, outline=0, width=2)
        picture.save(folder / "pictures" / ("nested" if i % 2 else "") / f"artist{i}_picture.png")
        drawing.save(folder / "drawings" / f"{i}.png")
    (folder / "pictures" / "broken.jpg").write_bytes(b"not a picture")


def run(*command: str) -> str:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True,
                          timeout=900)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stderr


def test_one_command_trains_all_stages_into_a_bundle_that_paints(tmp_path):
    draw_pictures(tmp_path)
    write_edge_net(tmp_path / "edges.h5")
    bundle = tmp_path / "out" / "model.safetensors"
    said = run("train.all", "--configs", "tiny", "--pictures", str(tmp_path / "pictures"),
               "--drawings", str(tmp_path / "drawings"), "--backbone", str(tmp_path / "edges.h5"),
               "--out", str(tmp_path / "out"))
    assert "1 files skipped" in said and "broken.jpg" in said
    config, facts = read_header(bundle)
    assert config.name == "tiny" and config.extractor.variants == 8
    assert {name: facts[name]["samples_seen"] for name in ("painter", "refiner", "sketch_extractor")} == {
        "painter": 64, "refiner": 16, "sketch_extractor": 48}
    assert "efficientnet-lite0" in facts["loss_nets"] and facts["data_pictures"] == 4
    assert (tmp_path / "out" / "MODEL_CARD.md").exists()
    assert (tmp_path / "out" / "refiner" / "log.jsonl").read_text().count("\n") >= 2
    for stage in ("tom", "extractor", "painter"):
        assert (tmp_path / "out" / stage / "log.jsonl").read_text().count("\n") >= 2
        with Image.open(tmp_path / "out" / stage / "preview.png") as sheet:
            assert np.asarray(sheet).std() > 0
    run("s2i", "paint", str(tmp_path / "drawings" / "0.png"), str(tmp_path / "pictures" / "artist0_picture.png"),
        "--model", str(bundle), "-o", str(tmp_path / "painted.png"))
    with Image.open(tmp_path / "painted.png") as painted:
        assert painted.size == (100, 100) and painted.mode == "RGB"
        assert np.asarray(painted).std() > 0


def test_every_set_of_configs_is_there_and_the_minutes_are_shared_out_whole():
    for files in CONFIG_SETS.values():
        for file in files:
            assert "loop" in read_config(ROOT / "train" / "configs" / file)
    assert sum(SHARES) == pytest.approx(1)
    assert launcher()[-1] == "--cpu" or torch.cuda.is_available()
