"""Contrast by octaves."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from s2i.imaging.pixels.gaussian import gaussian_blur
from train.losses.band_energy import band_distance, band_energies


def noise(seed=0):
    """As strong in every octave, as pictures nearly are."""
    generator = torch.Generator().manual_seed(seed)
    octaves = [torch.randn(2, 3, 2**i, 2**i, generator=generator) for i in range(1, 8)]
    return 0.2 * sum(F.interpolate(o, size=(128, 128), mode="nearest") for o in octaves)


def test_pictures_of_the_same_grain_are_near_whatever_they_show():
    assert band_distance(noise(0), noise(1)) < 0.2


def test_softening_lowers_the_fine_octaves_and_half_the_contrast_all_of_them():
    sharp = noise()
    soft, faint = band_energies(gaussian_blur(sharp, 2.0)), band_energies(0.5 * sharp)
    fall = band_energies(sharp) - soft
    assert (fall[..., 0] > 1).all() and (fall[..., -1].abs() < 0.2).all()
    assert torch.allclose(band_energies(sharp) - faint, torch.tensor(2.0).log(), atol=0.15)


def test_colour_that_changes_from_pixel_to_pixel_costs_though_the_light_is_right():
    picture = noise().mean(1, keepdim=True).expand(-1, 3, -1, -1)
    weave = torch.zeros_like(picture)
    weave[:, 0, ::2, ::2], weave[:, 1, ::2, ::2] = 0.1, -0.1 * 0.2125 / 0.7154  # of no luminance
    light, red, blue = (band_energies(picture + weave) - band_energies(picture)).abs().mean((0, 2))
    assert light < 0.01 and red > 0.2 and blue < 0.01
    assert band_distance(picture + weave, picture) > 0.2


def test_a_blank_picture_has_finite_energies_and_gradients():
    blank = torch.zeros(1, 3, 128, 128, requires_grad=True)
    distance = band_distance(blank, noise()[:1])
    distance.backward()
    assert torch.isfinite(distance) and torch.isfinite(blank.grad).all()


@pytest.mark.parametrize("size", [128, 256])
def test_every_octave_of_the_trained_sizes_has_a_number(size):
    assert band_energies(torch.zeros(3, 3, size, size)).shape == (3, 3, 6)
