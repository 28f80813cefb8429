"""The artist's lines over the painting."""

from __future__ import annotations

import pytest
import torch

from s2i.errors import S2IError
from s2i.imaging.ink.lines import lay_lines


def test_opacity_zero_is_the_picture_itself():
    image = torch.rand(2, 3, 16, 16)
    assert lay_lines(image, torch.rand(1, 1, 16, 16), 0.0) is image


def test_lines_wear_the_pictures_own_darkest_tone():
    """Black would not belong to a warm painting."""
    image = torch.full((1, 3, 96, 96), 0.2)
    image[:, :, :48] = torch.tensor([0.0, -0.5, -0.9])[None, :, None, None]  # a brown half
    ink = torch.zeros(1, 1, 96, 96)
    ink[..., 70:74, :] = 1
    line = lay_lines(image, ink, 1.0)[0, :, 72, 10]
    assert line[0] > line[1] > line[2] > -1 and line.mean() < -0.5
    assert torch.equal(lay_lines(image, ink, 1.0)[..., :60, :], image[..., :60, :])


def test_a_colour_can_be_chosen():
    image, ink = torch.zeros(1, 3, 16, 16), torch.ones(1, 1, 16, 16)
    torch.testing.assert_close(lay_lines(image, ink, 1.0, (1.0, 0.0, 0.0))[0, :, 0, 0], torch.tensor([1.0, -1.0, -1.0]))


@pytest.mark.parametrize("opacity", [-0.1, 1.1, float("nan")])
def test_opacity_has_a_range(opacity):
    with pytest.raises(S2IError, match="line_opacity"):
        lay_lines(torch.zeros(1, 3, 16, 16), torch.zeros(1, 1, 16, 16), opacity)


def test_sizes_must_fit():
    with pytest.raises(S2IError, match="16, 17"):
        lay_lines(torch.zeros(1, 3, 16, 16), torch.zeros(1, 1, 16, 17), 0.5)
