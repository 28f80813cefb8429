"""Two processes with half the batch each learn what one process learns."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.train.engine.toy import run_toy, state_of
from tests.train.stages.test_painter import reconstruct
from train.engine.checkpoints import checkpoints_in

ROOT = Path(__file__).parents[3]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def launch(stage: str, out: Path, *settings: str, processes: int = 2) -> subprocess.CompletedProcess:
    # `accelerate launch` starts several CPU processes through mpirun only; torchrun needs nothing more.
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", str(processes),
               "--master_port", str(free_port()), "-m", "tests.train.engine.toy", stage, str(out), *settings]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


def curve(out: Path) -> list[list[float]]:
    names = ("l1", "pixels", "range")
    rows = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    return [[row[n] for n in names if n in row] for row in rows]


@pytest.mark.parametrize("stage", ["toy", "painter"])
def test_two_processes_equal_one_with_twice_the_batch(tmp_path, stage):
    done = launch(stage, tmp_path / "two", "batch=2", "log_every=1", "num_images=24")
    assert done.returncode == 0, done.stderr[-3000:]
    if stage == "toy":
        run_toy(tmp_path / "one", {"adversarial": False}, batch=4, log_every=1, num_images=24)
    else:
        reconstruct(tmp_path / "one", batch=4, log_every=1, num_images=24)
    one, two = (state_of(checkpoints_in(tmp_path / n / "checkpoints")[-1]) for n in ("one", "two"))
    expected, found = (torch.tensor(curve(tmp_path / n)) for n in ("one", "two"))
    assert len(expected) == 6 and len(expected[:, 0].unique()) > 3
    torch.testing.assert_close(found, expected, rtol=2e-4, atol=1e-5)
    assert one.meta["step"] == two.meta["step"] == 6
    for kind in ("networks.generator", "ema.generator"):
        for name, tensor in one.part(kind).items():
            if not name.endswith(("mean", "count")):  # the toy's buffers see a process's own part
                difference = (two.part(kind)[name] - tensor).abs().mean()
                assert difference <= 2e-3 * tensor.abs().mean() + 1e-4, name


def test_a_nan_in_one_process_stops_all(tmp_path):
    done = launch("toy", tmp_path, "batch=2", "num_images=24", "explode_in_process=1")
    assert done.returncode != 0
    assert "became NaN or infinite at step 1" in done.stderr
    assert (tmp_path / "failed" / "step00000001-process1.safetensors").exists()
    assert not checkpoints_in(tmp_path / "checkpoints")
