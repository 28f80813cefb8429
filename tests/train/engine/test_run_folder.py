"""The folder of a run: a file in its way is said at once; what killed saves left goes; a seed is the whole run's."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest
import torch

from s2i.machine.atomic_file import atomic_file
from tests.train.engine.toy import run_toy, state_of
from train.engine.checkpoints import checkpoints_in
from train.errors import TrainError

CONFIGS = {"painter": "painter-art.toml", "refiner": "refiner-art.toml", "sketcher": "tiny/sketcher.toml"}


@pytest.mark.parametrize("out", ["file", "file/run", "file/a/b"])
def test_a_file_where_the_run_should_go_is_one_clear_line(tmp_path, out):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TrainError, match="is a file, not a folder: name another"):
        run_toy(tmp_path / out)
    assert (tmp_path / "file").read_text() == "in the way"


def test_temporaries_of_killed_saves_go_on_resume_and_those_of_the_living_stay(tmp_path):
    run_toy(tmp_path, num_images=8)
    folder = tmp_path / "checkpoints"
    code = ("import os, signal, sys; from s2i.machine.atomic_file import atomic_file\n"
            "with atomic_file(sys.argv[1]) as t: t.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)")
    subprocess.run([sys.executable, "-c", code, folder / "0000000012.safetensors"], check=False)
    assert len(list(folder.iterdir())) == len(checkpoints_in(folder)) + 1
    with atomic_file(folder / "mine.safetensors") as mine:
        mine.write_text("being written")
        run_toy(tmp_path, num_images=16, resume="latest")
        assert mine.exists()
    assert not [p for p in folder.iterdir() if ".tmp" in p.name]


@pytest.mark.parametrize("name", ["painter", "refiner", "sketcher"])
def test_every_command_seeds_before_it_builds_its_networks(name, monkeypatch):
    """Weights come from torch's generator: what it draws first after the command's seeding is what they are."""
    module, order = importlib.import_module(f"train.stages.{name}"), []
    monkeypatch.setattr(module, "seed_everything", lambda seed: order.append(f"seed {seed}"))
    for build in [n for n in vars(module) if n.startswith("build_")]:
        monkeypatch.setattr(module, build, lambda *a, build=build, **k: order.append(build) or _StopError.now())
    monkeypatch.setattr(sys, "argv", ["train", "--config", f"train/configs/{CONFIGS[name]}", "--seed", "77",
                                      "--data", "no-folder"])
    with pytest.raises((_StopError, SystemExit)) as stopped:
        module.main()
    assert stopped.type is _StopError and order[0] == "seed 77" and order[1].startswith("build_")


class _StopError(Exception):
    @staticmethod
    def now() -> None:
        raise _StopError


def test_two_runs_of_one_seed_are_one_run(tmp_path):
    one, two = (state_of(run_toy(tmp_path / name, num_images=12, seed=3)) for name in "ab")
    assert not [n for n, t in one.tensors.items() if not torch.equal(t, two.tensors[n])]
