"""Any picture is a reference: three hundred sizes and aspects, none of which may crash or change what a style is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from s2i.config import ModelConfig
from s2i.pipeline import SketchToImage

# Camera and screen sizes that crashed while patches of texture were cut from references.
ORDINARY = [(427, 640), (683, 1024), (480, 640), (768, 1024), (1080, 1920), (720, 1280), (380, 764), (600, 800),
            (667, 1000), (1024, 768), (1350, 1080), (16, 16), (16, 4000), (4000, 16), (17, 31), (255, 257)]  # fmt: skip


def random_sizes(count: int) -> list[tuple[int, int]]:
    rng = np.random.default_rng(17)
    sides = np.exp(rng.uniform(np.log(16), np.log(1400), (count, 2))).astype(int)
    return [tuple(map(int, pair)) for pair in sides]


@pytest.fixture(scope="module")
def model() -> SketchToImage:
    return SketchToImage.from_config(ModelConfig.tiny(), seed=1)


def picture(h: int, w: int) -> torch.Tensor:
    noise = torch.rand(1, 3, 5, 7, generator=torch.Generator().manual_seed(h * 10_000 + w))
    return torch.nn.functional.interpolate(noise, (h, w), mode="bilinear") * 2 - 1


def test_three_hundred_sizes_and_aspects_make_a_style(model):
    content = model.encode_content((picture(40, 40)[:, :1] > 0.3).float())
    sizes = [*ORDINARY, *random_sizes(300 - len(ORDINARY))]
    assert len(sizes) == 300
    for h, w in sizes:
        style = model.encode_style(picture(h, w))
        assert style.batch == 1 and torch.isfinite(style.vectors).all(), (h, w)
        assert torch.isfinite(model.decode(content, style)).all(), (h, w)


@pytest.mark.parametrize(("h", "w"), ORDINARY)
def test_a_mask_and_a_batch_fit_every_size(model, h, w):
    pair = picture(h, w).expand(2, -1, -1, -1)
    mask = torch.zeros(1, 1, h, w)
    mask[..., : max(1, w // 2)] = 1
    style = model.encode_style(pair, mask)
    assert style.batch == 2 and torch.isfinite(style.vectors).all()
    torch.testing.assert_close(style.vectors[:1], style.vectors[1:], atol=1e-5, rtol=0)
