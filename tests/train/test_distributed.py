"""Two processes with half the batch each learn what one process learns."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import torch

from tests.train.toy import run_toy, state_of
from train.checkpoints import checkpoints_in

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def launch(out: Path, batch: int, *settings: str, processes: int = 2) -> None:
    # `accelerate launch` starts several CPU processes through mpirun only; torchrun needs nothing more.
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", str(processes),
               "--master_port", str(free_port()), "-m", "tests.train.toy", str(out), str(batch), *settings]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]


def curve(out: Path) -> list[float]:
    return [json.loads(line)["l1"] for line in (out / "log.jsonl").read_text().splitlines()]


def test_two_processes_equal_one_with_twice_the_batch(tmp_path):
    launch(tmp_path / "two", 2, "log_every=1", "pictures=24")
    run_toy(tmp_path / "one", {"adversarial": False}, batch=4, log_every=1, pictures=24)
    one, two = (state_of(checkpoints_in(tmp_path / n / "checkpoints")[-1]) for n in ("one", "two"))
    assert curve(tmp_path / "one") and len(set(curve(tmp_path / "one"))) > 3
    torch.testing.assert_close(torch.tensor(curve(tmp_path / "two")), torch.tensor(curve(tmp_path / "one")),
                               rtol=1e-5, atol=1e-6)
    for kind in ("networks.generator.conv", "ema.generator.conv"):
        for name, tensor in one.part(kind).items():
            torch.testing.assert_close(two.part(kind)[name], tensor, rtol=1e-4, atol=1e-5)
    assert one.meta["step"] == two.meta["step"] == 6
