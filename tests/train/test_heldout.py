"""Held-out errors."""


import numpy as np
import pytest
import torch

from evaluation.testsets import EvaluationSet
from s2i.config import ModelConfig
from s2i.pipeline import SketchToImage
from train.data.pictures import Record
from train.data.samples import SampleConfig
from train.heldout import draft_errors, held_out_samples, paired_ratio


@pytest.fixture
def testset():
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 255, (4, 4, 4, 3)).astype(np.uint8).repeat(16, 1).repeat(16, 2)
    inks = np.zeros((4, 64, 64), np.float32)
    inks[:, 20:22, 10:50] = 1
    return EvaluationSet(tuple("abcd"), tuple("abcd"), pictures, inks, "noise")


def test_held_out_errors_are_of_the_same_samples_whoever_answers(testset):
    inks = np.where(testset.inks > 0, 255, 0).astype(np.uint8)[:, None]
    records = [Record(name, testset.pictures[i], inks[i]) for i, name in enumerate(testset.names)]
    config = SampleConfig(size=32, hand_drawn=0.0)
    samples, again = (held_out_samples(config, records, (), 5) for _ in range(2))
    assert all(torch.equal(samples[key], again[key]) for key in samples)
    model = SketchToImage.from_config(ModelConfig.tiny())
    errors = draft_errors(model, samples)
    assert errors.shape == (5,) and (errors > 0).all()
    assert np.array_equal(errors, draft_errors(model, samples))


def test_a_paired_ratio_is_certain_where_every_sample_agrees():
    first, picture = np.array([1.0, 4.0, 2.0, 8.0]), np.array([0, 0, 1, 2])
    agreed = paired_ratio(0.9 * first, first, picture)
    assert (agreed.value, agreed.low, agreed.high) == pytest.approx((0.9, 0.9, 0.9))
    mixed = paired_ratio(first * [0.5, 0.5, 1.5, 1.0], first, picture)
    assert mixed.low < 1 < mixed.high
