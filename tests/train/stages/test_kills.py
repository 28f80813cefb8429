"""kill -9 in the middle of every stage: what comes back goes on bit for bit, and leaves nothing half-written."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from s2i.machine.atomic_file import _owner_mark
from tests.train.engine import toy
from tests.train.stages import test_painter, test_refiner
from train.engine.checkpoints import checkpoints_in

OFTEN = 1e-9  # minutes between checkpoints: one at every step


def run_toy(desk: Path, out: Path, count: int, resume: str) -> None:
    toy.run_toy(out, num_images=count, resume=resume, checkpoint_minutes=OFTEN)


def run_painter(desk: Path, out: Path, count: int, resume: str) -> None:
    test_painter.run_painter(desk, out, count, resume, checkpoint_minutes=OFTEN)


def run_refiner(desk: Path, out: Path, count: int, resume: str) -> None:
    test_refiner.LOOP = replace(test_refiner.LOOP, checkpoint_minutes=OFTEN)
    test_refiner.run(out, count, resume)


def run_tom(desk: Path, out: Path, count: int, resume: str) -> None:
    from tests.train.stages import test_sketcher

    test_sketcher.run_tom(out, count, resume, checkpoint_minutes=OFTEN)


def run_distil(desk: Path, out: Path, count: int, resume: str) -> None:
    from tests.train.stages import test_sketcher

    test_sketcher.run_distil(out, count, resume, checkpoint_minutes=OFTEN)


STAGES = {"toy": run_toy, "painter": run_painter, "refiner": run_refiner, "tom": run_tom, "distil": run_distil}
COUNT = 24


def tensors_of(out: Path) -> dict[str, torch.Tensor]:
    return toy.state_of(checkpoints_in(out / "checkpoints")[-1]).tensors


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("name", STAGES)
def test_a_stage_that_was_killed_goes_on_bit_for_bit(tmp_path, name):
    train_stage = STAGES[name]
    train_stage(tmp_path, tmp_path / "straight", COUNT, "")
    killed = multiprocessing.get_context("fork").Process(
        target=train_stage, args=(tmp_path, tmp_path / "killed", COUNT, ""), daemon=True)
    killed.start()
    folder = tmp_path / "killed" / "checkpoints"
    deadline = time.monotonic() + 120
    while not (folder.is_dir() and checkpoints_in(folder)) and time.monotonic() < deadline:
        time.sleep(0.002)
    os.kill(killed.pid, signal.SIGKILL)
    killed.join(30)
    assert killed.exitcode in (-signal.SIGKILL, 0) and checkpoints_in(folder)
    (folder / f"{_owner_mark()}{killed.pid}-abcd.tmp.safetensors").write_bytes(b"half of a checkpoint")
    train_stage(tmp_path, tmp_path / "killed", COUNT, "latest")
    wanted, found = tensors_of(tmp_path / "straight"), tensors_of(tmp_path / "killed")
    assert wanted.keys() == found.keys()
    assert not [n for n in wanted if not torch.equal(wanted[n].nan_to_num(-1), found[n].nan_to_num(-1))]
    assert not [p for p in (tmp_path / "killed").rglob("*") if ".tmp" in p.name], "nothing half-written is left"


