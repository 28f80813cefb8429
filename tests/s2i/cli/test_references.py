"""A reference's style is that of its opaque part, and of what a mask leaves of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from s2i.cli.references import read_style
from s2i.config import ModelConfig
from s2i.pipeline import SketchToImage
from tests.s2i.imaging.files.test_picture_files import cut_out

RED = torch.tensor([200, 30, 20]) / 127.5 - 1


@pytest.fixture(scope="module")
def model() -> SketchToImage:
    return SketchToImage.from_config(ModelConfig.tiny(), seed=1)


@pytest.mark.parametrize("hidden", [(0, 0, 0), (255, 255, 255)])
def test_nothing_around_a_cut_out_figure_is_in_its_palette(model, tmp_path, hidden):
    style = read_style(model, cut_out(tmp_path / "r.png", hidden))
    torch.testing.assert_close(style.palette_mean[0], RED, atol=0.02, rtol=0)


def test_a_mask_takes_from_what_is_opaque(model, tmp_path):
    layer = np.full((48, 64, 4), 255, np.uint8)
    layer[:, 32:, :3] = (200, 30, 20)
    layer[24:, :, 3] = 0
    Image.fromarray(layer).save(tmp_path / "r.png")
    right = torch.zeros(1, 1, 24, 32)
    right[..., 16:] = 1
    style = read_style(model, tmp_path / "r.png", right)
    torch.testing.assert_close(style.palette_mean[0], RED, atol=0.05, rtol=0)
    whole = read_style(model, tmp_path / "r.png")
    assert (whole.palette_mean[0] - RED).abs().max() > 0.4, "without the mask the white half counts as well"
