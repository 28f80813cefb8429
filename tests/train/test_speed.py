"""The benchmark builds every stage from its configuration and adds up."""

from __future__ import annotations

from pathlib import Path

import pytest

from train.speed import STAGES, bench, table

TINY = Path(__file__).parents[2] / "train" / "configs" / "tiny"


@pytest.mark.parametrize(("name", "config"), [("extractor", "extractor"), ("painter", "painter"),
                                              ("refiner", "refiner")])
def test_parts_add_up(name, config):
    speed = bench(name, TINY / f"{config}.toml", 2, {"workers": 0, "batch": 2, "cpu": True, "mixed_precision": "no"})
    step = speed.forward + speed.backward + speed.optimiser
    assert min(speed.forward, speed.backward, speed.optimiser, speed.data) > 0
    assert speed.batch / speed.images_per_second >= 0.99 * step, "training is no faster than its parts"
    assert 0 <= speed.wait < 1
    assert table([speed]).count("|") > 20


def test_every_stage_is_measured():
    assert list(STAGES) == ["tom", "extractor", "painter", "refiner"]
