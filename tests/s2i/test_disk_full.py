"""A full disk: one line that names the file, the old file untouched, and nothing half-written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import torch

from s2i.cli.drawing_sets import write_shard
from s2i.errors import HubError, S2IError
from s2i.imaging.files.picture_files import save_image
from tests.large_bundle import large_bundle


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 256 KB, where this machine lets one be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]
    mounted = subprocess.run(command, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting a file system needs root")
    yield disk
    subprocess.run(["umount", disk], check=True)


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_a_picture_that_does_not_fit_is_an_error_and_the_old_one_stays(small_disk):
    save_image(torch.zeros(1, 3, 20, 20), small_disk / "a.png")
    before = (small_disk / "a.png").read_bytes()
    with pytest.raises(S2IError, match=r"cannot write .*a\.png \(No space left on device\): make room there"):
        save_image(torch.rand(1, 3, 400, 400) * 2 - 1, small_disk / "a.png")
    assert (small_disk / "a.png").read_bytes() == before and names(small_disk) == ["a.png"]


def test_a_shard_that_does_not_fit_leaves_nothing(small_disk):
    with pytest.raises((S2IError, OSError)):
        write_shard(small_disk / "a.tar", lambda add: [add(f"{i}.png", bytes(50_000)) for i in range(9)] and None)
    assert names(small_disk) == []


def test_a_checkpoint_that_does_not_fit_names_the_last_good_one(small_disk):
    from train.engine.checkpoints import Checkpoint, write_checkpoint
    from train.errors import TrainError

    small = Checkpoint({"x": torch.zeros(100)}, {"samples_seen": 1})
    kept = write_checkpoint(small_disk, small)
    with pytest.raises(TrainError, match=f"{kept.name}, is intact"):
        write_checkpoint(small_disk, Checkpoint({"x": torch.zeros(200_000)}, {"samples_seen": 2}))
    assert names(small_disk) == [kept.name]


def test_a_download_that_does_not_fit_keeps_nothing(small_disk, monkeypatch):
    from s2i import hub
    from tests.hub_server import serve_hub

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with serve_hub({"model.safetensors": large_bundle(2)}) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        with pytest.raises(HubError, match="cannot download"):
            hub.resolve("someone/model", models_dir=small_disk)
    assert not [p for p in small_disk.rglob("*") if p.is_file() and p.stat().st_size]
