"""The real second stage in the loop, at the tests' size."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from s2i.config import ModelConfig
from tests.train.engine.toy import DEFAULTS, state_of
from train.data.pictures import Record
from train.data.samples import SampleConfig, SampleMaker
from train.data.stream import SampleStream
from train.engine.loop import train
from train.stages.autoencoder import AutoencoderSchedule, AutoencoderStage, AutoencoderWeights


def records(count=5, height=40, width=48):
    rng = np.random.default_rng(1)
    made = []
    for i in range(count):
        image = np.kron(rng.integers(0, 255, (5, 6, 3)), np.ones((8, 8, 1))).astype(np.uint8)
        inks = (rng.random((2, height, width)) < 0.1).astype(np.uint8) * 255
        made.append(Record(f"{i:064d}", image, inks))
    return made


def run_autoencoder(out, pictures, resume="", weights=None, schedule=None, **settings):
    config = replace(DEFAULTS, out=str(out), num_images=pictures, resume=resume, **settings)
    torch.manual_seed(5)
    stage = AutoencoderStage(
        ModelConfig.tiny(),
        None,
        5,
        weights or AutoencoderWeights(perceptual=0, foreign_statistics=0),
        schedule or AutoencoderSchedule(foreign_from=8, adversarial_from=12, auxiliary_every=2, penalty_every=2,
                                        classes=3, class_period=10),
    )
    data = records()
    stage.samples = SampleStream(data, SampleMaker(SampleConfig(size=32), data), config.seed, config.batch,
                                 config.workers)
    return state_of(train(stage, config))


def reconstruct(out, **settings):
    """With the losses that compare a picture with its own target, and nothing that looks across the batch."""
    off = dict.fromkeys((f.name for f in fields(AutoencoderWeights)), 0.0)
    weights = AutoencoderWeights(**{**off, "reconstruction": 2.0, "contrast": 1.0, "out_of_range": 1.0})
    schedule = AutoencoderSchedule(foreign_share=0.0, adversarial_from=10**9, classes=3)
    return run_autoencoder(out, weights=weights, schedule=schedule, **settings)


@pytest.mark.parametrize("precision", ["no"])
def test_resume_is_exact_with_every_objective(tmp_path, precision):
    straight = run_autoencoder(tmp_path / "a", 24, mixed_precision=precision)
    run_autoencoder(tmp_path / "b", 12, mixed_precision=precision)
    resumed = run_autoencoder(tmp_path / "b", 24, "latest", mixed_precision=precision)
    different = [n for n, t in straight.tensors.items() if not torch.equal(t, resumed.tensors[n])]
    assert not different
    assert straight.tensors.keys() == resumed.tensors.keys()
