"""A picture in a batch is the picture alone, and threads do not show: to the bit where the arithmetic allows it."""

from __future__ import annotations

import pytest
import torch

from s2i.config import ModelConfig
from s2i.pipeline import SketchToImage

LEVEL = 2 / 255  # one of 256, in [-1,1]


@pytest.fixture(scope="module")
def model() -> SketchToImage:
    return SketchToImage.from_config(ModelConfig.tiny(), seed=1)


def inks(count: int, h: int = 56, w: int = 40) -> torch.Tensor:
    noise = torch.rand(count, 1, 7, 5, generator=torch.Generator().manual_seed(5))
    return (torch.nn.functional.interpolate(noise, (h, w), mode="bilinear") > 0.6).float()


def references(count: int) -> torch.Tensor:
    noise = torch.rand(count, 3, 6, 8, generator=torch.Generator().manual_seed(6))
    return torch.nn.functional.interpolate(noise, (48, 64), mode="bilinear") * 2 - 1


@pytest.mark.parametrize("count", [2, 3, 5, 8])
@pytest.mark.parametrize("size", [None, (120, 88)])
def test_a_picture_in_a_batch_is_the_picture_alone_to_the_bit(model, count, size):
    drawings, styles = inks(count), references(count)
    whole = model(drawings, styles, seed=11, size=size)
    for i in range(count):
        alone = model(drawings[i : i + 1], styles[i : i + 1], seed=11 + i, size=size)
        assert torch.equal(whole[i : i + 1], alone), f"{(whole[i : i + 1] - alone).abs().max() / LEVEL:.4f} levels"


def test_one_style_for_all_is_that_style_for_each(model):
    drawings, style = inks(4), references(1)
    whole = model(drawings, style, seed=3)
    for i in range(4):
        assert torch.equal(whole[i : i + 1], model(drawings[i : i + 1], style, seed=3 + i))


@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_threads_does_not_show(model, threads):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = model(inks(2), references(2), seed=4, size=(120, 88))
        torch.set_num_threads(threads)
        several = model(inks(2), references(2), seed=4, size=(120, 88))
    finally:
        torch.set_num_threads(before)
    assert (one - several).abs().max() <= LEVEL


def test_the_same_call_twice_is_the_same_picture(model):
    first, again = (model(inks(2), references(2), seed=9) for _ in range(2))
    assert torch.equal(first, again)
