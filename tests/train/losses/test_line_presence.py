"""A drawing's lines in a painting at its full size."""

from __future__ import annotations

import pytest
import torch

from train.losses.line_presence import line_presence

WANTED = 0.3


def drawing(side=96):
    ink = torch.zeros(1, 1, side, side)
    ink[..., side // 2 - 1 : side // 2 + 2] = 1
    return ink


def painting(ground, darker, ink):
    """Light in [0,1] -> (1,3,S,S), with lines so much darker than it."""
    return ((ground - darker * ink) * 2 - 1).expand(-1, 3, -1, -1)


def test_dark_lines_cost_nothing_and_missing_ones_what_they_lack():
    ink = drawing()
    assert line_presence(painting(1.0, 0.35, ink), ink, WANTED) == 0
    assert line_presence(painting(1.0, 0.0, ink), ink, WANTED) == pytest.approx(0.3, abs=0.01)
    on_dark = line_presence(painting(0.2, 0.0, ink), ink, WANTED)
    assert on_dark == pytest.approx(0.06, abs=0.01), "less is asked"


def test_a_light_line_is_not_a_line():
    ink = drawing()
    assert line_presence(painting(0.5, -0.3, ink), ink, WANTED) > 0.4


def test_a_row_of_dots_is_no_line():
    ink = drawing()
    dots = ink * (torch.arange(96) % 3 == 0).float().view(1, 1, 96, 1)
    assert line_presence(painting(1.0, 0.9, dots), ink, WANTED) > 0.15


def test_between_hatching_the_paper_is_what_counts_and_solid_blacks_may_be_any_colour():
    hatching = torch.zeros(1, 1, 96, 96)
    hatching[..., ::6] = hatching[..., 1::6] = 1
    assert line_presence(painting(1.0, 0.31, hatching), hatching, WANTED) < 0.01
    solid = torch.zeros(1, 1, 96, 96)
    solid[..., 16:80, 16:80] = 1
    inside = torch.zeros_like(solid)
    inside[..., 24:72, 24:72] = 1
    dark, lit = painting(1.0, 0.5, solid), painting(1.0, 0.5, solid) + inside
    assert line_presence(lit, solid, WANTED) == line_presence(dark, solid, WANTED)


def test_a_sheet_without_lines_costs_nothing_and_gradients_are_finite():
    blank = torch.zeros(1, 1, 96, 96)
    output = torch.rand(1, 3, 96, 96, requires_grad=True)
    line_presence(output, blank, WANTED).backward()
    assert not output.grad.any()
    line_presence(output, drawing(), WANTED).backward()
    assert torch.isfinite(output.grad).all() and output.grad.any()
