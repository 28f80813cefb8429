"""Cheap baselines: each cheats as it says."""

import pytest
import torch

from evaluation.baselines.flat_fill import flat_fill
from evaluation.baselines.histogram_transfer import histogram_transfer
from evaluation.baselines.reference_under_ink import reference_under_ink


@pytest.fixture
def pair():
    generator = torch.Generator().manual_seed(0)
    ink = torch.zeros(2, 1, 64, 64)
    ink[:, :, 20:22, 10:50] = 1
    return ink, torch.rand(2, 3, 64, 64, generator=generator) * 1.2 - 0.6


@pytest.mark.parametrize("paint", [flat_fill, reference_under_ink, histogram_transfer])
def test_cheap_baselines_paint_at_the_inks_size_and_are_deterministic(paint, pair):
    image = paint(*pair)
    assert image.shape == (2, 3, 64, 64) and image.abs().max() <= 1
    assert torch.equal(image, paint(*pair))
    assert not torch.allclose(image[0], image[1])


def test_each_cheap_baseline_cheats_as_it_says(pair):
    ink, reference = pair
    blank = ink[:, :, 0, 0] == 0
    assert blank.all()
    flat = flat_fill(ink, reference)
    assert torch.allclose(flat[:, :, 0, 0], reference.mean((2, 3)), atol=1e-6)
    assert flat[:, :, 20, 30].max() == -1
    assert torch.equal(reference_under_ink(ink, reference)[:, :, 40:], reference[:, :, 40:])
    moved = histogram_transfer(ink, reference)
    for q in (0.1, 0.5, 0.9):
        assert moved.quantile(q).item() == pytest.approx(reference.quantile(q).item(), abs=0.1)
