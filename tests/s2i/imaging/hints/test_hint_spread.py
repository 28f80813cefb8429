"""A dab of colour is obeyed inside its closed region, and nowhere else."""

from __future__ import annotations

import pytest
import torch

from s2i.imaging.hints.hint_spread import obey_hints

RED = (0.8, -0.7, -0.6)


def box(side: int = 128, gap: int = 0) -> torch.Tensor:
    """(1,1,side,side): a square outline from 32 to 96, with a gap in its right side."""
    ink = torch.zeros(1, 1, side, side)
    ink[..., 32:96, 32:35] = ink[..., 32:96, 93:96] = ink[..., 32:35, 32:96] = ink[..., 93:96, 32:96] = 1
    ink[..., 60 : 60 + gap, 93:96] = 0
    return ink


def dab(y: int, x: int, colour: tuple[float, float, float] = RED, r: int = 4, side: int = 128) -> torch.Tensor:
    hints = torch.zeros(1, 4, side, side)
    hints[0, :, y - r : y + r, x - r : x + r] = torch.tensor([*colour, 1.0])[:, None, None]
    return hints


def painting(side: int = 128) -> torch.Tensor:
    """A draft with brushwork and a slope of light."""
    noise = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0)) * 0.05
    return noise + torch.linspace(-0.2, 0.2, side).view(1, 1, side, 1)


def inside(x: torch.Tensor) -> torch.Tensor:
    return x[0, :, 40:88, 40:88]


def test_the_region_takes_the_colour_and_keeps_its_brushwork():
    draft = painting()
    painted = obey_hints(draft, box(), dab(64, 64))
    torch.testing.assert_close(inside(painted).mean((1, 2)), torch.tensor(RED), atol=0.06, rtol=0)
    detail = lambda x: inside(x) - torch.nn.functional.avg_pool2d(x, 9, 1, 4)[0, :, 40:88, 40:88]  # noqa: E731
    torch.testing.assert_close(detail(painted), detail(draft), atol=0.05, rtol=0)


def test_the_dab_itself_has_its_colour_where_light_is_not_the_regions_average():
    painted = obey_hints(painting(), box(), dab(42, 42))
    torch.testing.assert_close(painted[0, :, 39:45, 39:45].mean((1, 2)), torch.tensor(RED), atol=0.1, rtol=0)


def test_what_lies_beyond_the_lines_is_unchanged():
    draft = painting()
    changed = (obey_hints(draft, box(), dab(64, 64)) - draft).abs()
    assert changed[..., :26, :].max() < 0.01 and changed[..., 102:].max() < 0.01


def test_little_leaks_through_a_small_gap():
    draft = painting()
    changed = (obey_hints(draft, box(gap=5), dab(64, 60)) - draft).abs()
    assert changed[..., :24, :24].max() < 0.05 and inside(changed).mean() > 0.4


def test_two_dabs_in_one_region_share_it():
    blue = (-0.6, -0.5, 0.9)
    hints = dab(64, 44) + dab(64, 84, blue)
    painted = obey_hints(painting(), box(), hints)[0]
    assert painted[0, 64, 44] > 0.4 > -0.1 > painted[0, 64, 84] and painted[2, 64, 84] > 0.4


def test_without_a_dab_the_draft_is_the_same_to_the_bit():
    draft = painting()
    assert torch.equal(obey_hints(draft, box(), torch.zeros(1, 4, 128, 128)), draft)


@pytest.mark.parametrize("size", [(16, 16), (33, 300), (300, 33)])
def test_any_size(size):
    hints = torch.zeros(1, 4, *size)
    hints[..., 4:12, 4:12] = 0.5
    painted = obey_hints(torch.zeros(1, 3, *size), torch.zeros(1, 1, *size), hints)
    assert painted.shape == (1, 3, *size) and torch.isfinite(painted).all()
