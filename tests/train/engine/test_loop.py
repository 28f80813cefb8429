"""The loop: exact resume, accumulation, stopping, what goes wrong."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from tests.train.engine.toy import DEFAULTS, ToyStage, run_toy, state_of
from train.engine.checkpoints import checkpoints_in
from train.engine.ema import average_of, ema_decay, update_average
from train.engine.interrupts import StopRequest
from train.engine.loop import train
from train.engine.schedule import rate_factor
from train.errors import TrainError

ROOT = Path(__file__).parents[3]


def assert_same(one, two):
    assert one.tensors.keys() == two.tensors.keys()
    assert not [name for name, tensor in one.tensors.items() if not torch.equal(tensor, two.tensors[name])]


@pytest.mark.parametrize("settings", [
    {},
    {"workers": 2, "accumulate": 2, "batch": 2},
    {"preview_minutes": 1e-9, "checkpoint_minutes": 1e-9},
], ids=["plain", "workers and accumulation", "previews at every step"])
def test_three_steps_and_three_after_a_resume_equal_six(tmp_path, settings):
    same = {k: v for k, v in settings.items() if k != "workers" and "minutes" not in k}
    straight = state_of(run_toy(tmp_path / "a", num_images=24, **same))
    run_toy(tmp_path / "b", num_images=12, **settings)
    resumed = state_of(run_toy(tmp_path / "b", num_images=24, resume="latest", **settings))
    assert straight.meta["step"] == resumed.meta["step"] == 6
    assert_same(straight, resumed)
    assert [json.loads(line)["step"] for line in (tmp_path / "b" / "log.jsonl").read_text().splitlines()] == [2, 4, 6]


def test_a_resume_that_forgot_something_would_show(tmp_path):
    """The comparison above can fail: another data position gives other weights."""
    straight = state_of(run_toy(tmp_path / "a", num_images=24))
    other = state_of(run_toy(tmp_path / "b", num_images=24, seed=1))
    assert not torch.equal(straight.tensors["networks.generator.conv.weight"],
                           other.tensors["networks.generator.conv.weight"])


def test_accumulation_equals_the_larger_batch(tmp_path):
    whole = state_of(run_toy(tmp_path / "a", {"adversarial": False}, batch=4))
    parts = state_of(run_toy(tmp_path / "b", {"adversarial": False}, batch=2, accumulate=2))
    assert whole.meta["step"] == parts.meta["step"] == 6
    for name in ("networks.generator.conv.weight", "ema.generator.conv.weight"):
        torch.testing.assert_close(whole.tensors[name], parts.tensors[name], rtol=1e-4, atol=1e-6)


def test_bf16_trains_and_resumes_exactly_in_a_fresh_process(tmp_path):
    def launch(out, *settings):
        command = [sys.executable, "-m", "tests.train.engine.toy", "toy", str(out), "mixed_precision=bf16", *settings]
        subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, timeout=120)

    launch(tmp_path / "a", "num_images=16")
    launch(tmp_path / "b", "num_images=8")
    launch(tmp_path / "b", "num_images=16", "resume=latest")
    straight, resumed = (state_of(checkpoints_in(tmp_path / n / "checkpoints")[-1]) for n in "ab")
    assert straight.tensors["networks.generator.conv.weight"].dtype == torch.float32
    assert_same(straight, resumed)


def test_a_nan_stops_with_the_batch_saved_and_the_checkpoint_intact(tmp_path):
    run_toy(tmp_path, num_images=8)
    with pytest.raises(TrainError, match=r"NaN.*step 3.*batch is in"):
        run_toy(tmp_path, {"explode_at": 3}, num_images=24, resume="latest")
    (saved,) = (tmp_path / "failed").iterdir()
    assert load_file(saved)["image"].shape == (4, 3, 16, 16)
    assert state_of(checkpoints_in(tmp_path / "checkpoints")[-1]).meta["samples_seen"] == 8


def test_a_second_run_does_not_overwrite_the_first(tmp_path):
    run_toy(tmp_path, num_images=8)
    with pytest.raises(TrainError, match="--resume latest"):
        run_toy(tmp_path, num_images=8)


def test_resume_latest_starts_afresh_where_there_is_nothing(tmp_path):
    assert state_of(run_toy(tmp_path, num_images=8, resume="latest")).meta["samples_seen"] == 8


def test_another_seed_or_stage_is_refused(tmp_path):
    path = run_toy(tmp_path / "a", num_images=8)
    with pytest.raises(TrainError, match="seed 0, not 1"):
        run_toy(tmp_path / "a", num_images=16, resume="latest", seed=1)
    config = replace(DEFAULTS, out=str(tmp_path / "b"), resume=str(path))
    stage = ToyStage(config)
    stage.name = "other"
    with pytest.raises(TrainError, match="of the stage 'toy', not 'other'"):
        train(stage, config)


def test_init_takes_the_networks_but_starts_counting_anew(tmp_path):
    first = state_of(run_toy(tmp_path / "a", num_images=8))
    again = state_of(run_toy(tmp_path / "b", num_images=4, init=str(tmp_path / "a"), warmup_images=10**9))
    assert again.meta["step"] == 1
    torch.testing.assert_close(first.tensors["networks.generator.conv.weight"],
                               again.tensors["networks.generator.conv.weight"], rtol=0, atol=1e-3)


def test_sigterm_finishes_the_step_and_leaves_a_checkpoint(tmp_path):
    command = [sys.executable, "-m", "tests.train.engine.toy", "toy", str(tmp_path), "num_images=99999999", "workers=1"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"})
    log, deadline = tmp_path / "log.jsonl", time.monotonic() + 60
    while not (log.exists() and log.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    meta = state_of(checkpoints_in(tmp_path / "checkpoints")[-1]).meta
    assert meta["step"] >= 2
    assert meta["samples_seen"] == 4 * meta["step"]


def test_a_launcher_that_has_gone_ends_the_run(monkeypatch):
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "no")
    with StopRequest() as stop:
        assert stop.reason is None
        monkeypatch.setattr(os, "getppid", lambda: 1)
        assert stop.reason == "the launcher has gone"


def test_a_second_ctrl_c_stops_at_once():
    # A suite started in the background inherits a SIGINT that is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with StopRequest() as stop:
        signal.raise_signal(signal.SIGINT)
        assert "SIGINT" in stop.reason
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def test_curves_reach_tensorboard_where_it_is_installed(tmp_path):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    run_toy(tmp_path, num_images=16, tensorboard=True)
    events = reader.EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [e.step for e in events.Scalars("l1")] == [8, 16], "steps are pictures"
    (settings,) = (tmp_path / "tensorboard").rglob("hparams.yml")
    assert "num_images: 16" in settings.read_text(), "two runs can be told apart by what they were set to"


def test_max_minutes_stops_with_a_checkpoint_and_a_preview(tmp_path):
    meta = state_of(run_toy(tmp_path, num_images=10**9, max_minutes=0.005)).meta
    assert 0 < meta["samples_seen"] < 10**9
    assert Image.open(tmp_path / "preview.png").size == (16, 16)
    assert meta["hardware"][0].startswith("1 x ")
    assert meta["provenance"] == {"pictures": 5}


def test_minutes_add_up_over_resumes(tmp_path):
    first = state_of(run_toy(tmp_path, num_images=10**9, max_minutes=0.02)).meta
    second = state_of(run_toy(tmp_path, num_images=10**9, max_minutes=0.02, resume="latest")).meta
    assert second["minutes"] >= first["minutes"] + 0.01 > 0.02


@pytest.mark.parametrize("workers", [0, 1])
def test_a_deleted_picture_is_named_and_the_run_saved(tmp_path, workers):
    from train.data.pictures import PictureFolder
    from train.data.stream import SampleStream

    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for i in range(3):
        noise = np.random.default_rng(i).integers(0, 255, (40, 40, 3), np.uint8)
        Image.fromarray(noise).save(pictures / f"p{i}.png")
    config = replace(DEFAULTS, out=str(tmp_path / "out"), num_images=8)
    stage = ToyStage(config)

    def make(dataset, i, rng):
        return {"image": torch.from_numpy(dataset[i % 2 + (i >= 12)].image.astype(np.float32)).permute(2, 0, 1) / 255}

    folder = PictureFolder(pictures, 32, split=None)
    stage.samples = SampleStream(folder, make, batch=4, workers=workers)
    train(stage, config)
    folder.entries[2].path.unlink()
    config = replace(config, num_images=16, resume="latest")
    with pytest.raises(TrainError, match=r"^the picture [^\n]*p\d\.png cannot be read any more[^\n]*the run so far"):
        train(stage, config)
    assert state_of(checkpoints_in(tmp_path / "out" / "checkpoints")[-1]).meta["samples_seen"] == 12
    assert not multiprocessing.active_children(), "a worker that outlives its run holds open whatever it inherited"


def test_the_rate_rises_stays_and_falls_by_pictures():
    rates = [rate_factor(n, total=1000, warmup=100, decay=200) for n in (0, 49, 100, 799, 800, 900, 1000)]
    assert rates == pytest.approx([0.01, 0.5, 1, 1, 1, 0.51, 0.02])
    assert rate_factor(5000, total=1000, warmup=0, decay=0) == 1


def test_the_average_forgets_by_half_in_a_half_life():
    decay = ema_decay(10**9, 50, half_life=200)
    assert decay**4 == pytest.approx(0.5)
    assert ema_decay(100, 50, half_life=200) < decay, "a young run forgets its random weights faster"
    assert ema_decay(0, 50, half_life=200) == 0


def test_buffers_are_averaged_and_counters_copied():
    network = torch.nn.BatchNorm1d(2)
    average = average_of(network)
    network.running_mean.fill_(1.0)
    network.num_batches_tracked.fill_(7)
    update_average(average, network, 0.75)
    assert average.running_mean.tolist() == [0.25, 0.25]
    assert int(average.num_batches_tracked) == 7
    assert not average.training
