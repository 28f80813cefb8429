"""Configurations survive JSON and are refused when they are not whole."""

from __future__ import annotations

import json

import pytest

from s2i.config import ModelConfig
from s2i.errors import S2IError


@pytest.mark.parametrize("preset", ["art", "paper", "tiny"])
def test_a_config_survives_json(preset):
    config = getattr(ModelConfig, preset)()
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def change(**changes) -> dict:
    return {**ModelConfig.tiny().to_dict(), **changes}


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([], "table"),
        (change(colour="red"), "colour"),
        ({k: v for k, v in change().items() if k != "stem"}, "stem"),
        (change(stem="4"), "stem"),
        (change(stem=3), "stem"),
        (change(stem=-4), "stem"),
        (change(widths=[8, "x"]), "widths"),
        (change(widths=[8, 8]), "encoder_depths"),
        (change(modulation="magic"), "modulation"),
        (change(widths=[8, 8, 16, 18]), "widths .* multiples of 4"),
        (change(refiner={"stem": 4}), "refiner"),
        (change(style_widths=[8, 8]), "style_widths"),
        (change(trunk={"stem": 4}), "trunk"),
    ],
)
def test_a_bad_config_names_its_setting(values, names):
    with pytest.raises(S2IError, match=names) as error:
        ModelConfig.from_dict(values)
    assert "\n" not in str(error.value)
