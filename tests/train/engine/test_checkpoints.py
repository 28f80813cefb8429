"""Checkpoints: atomic, rotated, verified."""

from __future__ import annotations

import errno
import logging

import pytest
import torch

from tests.train.engine.toy import run_toy, state_of
from train.engine import checkpoints
from train.engine.checkpoints import Checkpoint, checkpoints_in, find_checkpoint, read_checkpoint, write_checkpoint
from train.errors import TrainError


def write(folder, pictures, keep=3):
    tensors = {"networks.a.w": torch.full((64,), float(pictures)), "empty": torch.zeros(0), "n": torch.tensor(3)}
    return write_checkpoint(folder, Checkpoint(tensors, {"samples_seen": pictures}), keep)


def damage(path, where=-20):
    data = bytearray(path.read_bytes())
    data[where] ^= 0xFF
    path.write_bytes(data)


def test_round_trip_and_rotation(tmp_path):
    for pictures in (10, 200, 3000, 40000):
        write(tmp_path, pictures)
    assert [int(p.stem) for p in checkpoints_in(tmp_path)] == [200, 3000, 40000]
    again = read_checkpoint(checkpoints_in(tmp_path)[-1])
    assert again.meta == {"samples_seen": 40000}
    assert torch.equal(again.part("networks.a")["w"], torch.full((64,), 40000.0))
    assert [p.suffix for p in tmp_path.iterdir()] == [".safetensors"] * 3


@pytest.mark.parametrize("where", ["flipped", "truncated", "empty"])
def test_latest_passes_over_a_damaged_file(tmp_path, caplog, where):
    write(tmp_path, 10)
    newest = write(tmp_path, 20)
    if where == "flipped":
        damage(newest)
    else:
        newest.write_bytes(newest.read_bytes()[: 0 if where == "empty" else 150])
    with caplog.at_level(logging.WARNING):
        assert find_checkpoint(tmp_path, "latest").meta["samples_seen"] == 10
    assert newest.name in caplog.text
    with pytest.raises(TrainError, match=newest.name):
        find_checkpoint(tmp_path, str(newest))


def test_all_damaged_is_refused_and_none_is_none(tmp_path):
    assert find_checkpoint(tmp_path, "latest") is None
    damage(write(tmp_path, 10))
    with pytest.raises(TrainError, match="every checkpoint"):
        find_checkpoint(tmp_path, "latest")
    with pytest.raises(TrainError, match="cannot be read"):
        find_checkpoint(tmp_path, str(tmp_path / "missing.safetensors"))


def test_a_full_disk_leaves_the_previous_checkpoint(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    first = write(tmp_path, 10)
    monkeypatch.setattr(checkpoints, "_flush", full)
    with pytest.raises(TrainError, match=f"No space left.*{first.name}, is intact"):
        write(tmp_path, 20)
    assert [p.name for p in tmp_path.iterdir()] == [first.name]
    read_checkpoint(first)


def test_a_full_disk_in_a_run(tmp_path, monkeypatch):
    run_toy(tmp_path, num_images=8)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "save_file", lambda *a: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space")))
        with pytest.raises(TrainError, match="cannot write the checkpoint"):
            run_toy(tmp_path, num_images=16, resume="latest")
    assert state_of(run_toy(tmp_path, num_images=16, resume="latest")).meta["step"] == 4


def test_a_damaged_newest_checkpoint_costs_only_its_steps(tmp_path):
    straight = state_of(run_toy(tmp_path / "a", num_images=24))
    run_toy(tmp_path / "b", num_images=8)
    damage(run_toy(tmp_path / "b", num_images=16, resume="latest"))
    resumed = state_of(run_toy(tmp_path / "b", num_images=24, resume="latest"))
    assert resumed.meta["step"] == 6
    for name, tensor in straight.tensors.items():
        assert torch.equal(tensor, resumed.tensors[name]), name


def test_an_optimiser_comes_back_in_the_order_of_its_parameters_memory(tmp_path):
    def stepped(optimizer):
        for parameter in network.parameters():
            parameter.grad = torch.full_like(parameter, 0.5)
        optimizer.step()
        return [parameter.detach().clone() for parameter in network.parameters()]

    torch.manual_seed(0)
    network = torch.nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), 0.1, fused=True)
    for parameter in network.parameters():
        parameter.grad = torch.randn_like(parameter)
    optimizer.step()
    flat, rest = checkpoints.pack_optimizer(optimizer)
    flat = {k: v.clone(memory_format=torch.contiguous_format) for k, v in flat.items()}
    before = [parameter.detach().clone() for parameter in network.parameters()]
    expected = stepped(optimizer)
    again = torch.optim.AdamW(network.parameters(), 0.1, fused=True)
    checkpoints.unpack_optimizer(again, flat, rest)
    with torch.no_grad():
        for parameter, value in zip(network.parameters(), before, strict=True):
            parameter.copy_(value)
    assert all(torch.equal(a, b) for a, b in zip(expected, stepped(again), strict=True))
