"""What the content encoder is told of the region around each place."""

from __future__ import annotations

import pytest
import torch

from s2i.imaging.regions.region_shapes import CHANNELS, region_shapes


def box(ink: float = 1.0, gap: int = 0, side: int = 128) -> torch.Tensor:
    """(1,1,side,side): a rectangle in the upper left quarter, rows 16-48, columns 8-56; a gap in its right side."""
    sheet = torch.zeros(1, 1, side, side)
    sheet[..., 16:49, 8] = sheet[..., 16:49, 56] = sheet[..., 16, 8:57] = sheet[..., 48, 8:57] = ink
    sheet[..., 32 - gap // 2 : 32 + gap - gap // 2, 56] = 0
    return sheet


def at(facts: torch.Tensor, row: int, column: int) -> list[float]:
    """x, y, breadth and height of the region at a pixel of a 128² sheet."""
    return facts[0, :, row // 4, column // 4].tolist()


def test_every_place_of_a_region_says_the_same():
    facts = region_shapes(box(), (32, 32))
    assert facts.shape == (1, CHANNELS, 32, 32)
    inside = facts[0, :, 6:11, 4:13].flatten(1)
    assert (inside.amax(1) - inside.amin(1)).max() < 0.01


def test_a_region_knows_where_it_lies_and_how_large_it_is():
    x, y, breadth, height = at(region_shapes(box(), (32, 32)), 32, 32)
    assert x == pytest.approx(-0.5, abs=0.05) and y == pytest.approx(-0.5, abs=0.05)
    assert 2 ** (3 * breadth) == pytest.approx(46 / 128, abs=0.04)
    assert 2 ** (3 * height) == pytest.approx(30 / 128, abs=0.04)


def test_blank_paper_is_one_region_in_the_middle_of_the_sheet():
    for size in ((128, 128), (64, 192)):
        facts = region_shapes(torch.zeros(2, 1, *size), (16, 24))
        torch.testing.assert_close(facts, torch.zeros_like(facts), atol=1e-5, rtol=0)


def test_a_line_that_ends_at_the_sheets_edges_makes_two_regions():
    sheet = torch.zeros(1, 1, 128, 128)
    sheet[..., 40, :] = 1
    facts = region_shapes(sheet, (32, 32))
    above, below = (at(facts, row, 64)[1] for row in (8, 100))
    assert above == pytest.approx(-0.7, abs=0.05) and below == pytest.approx(0.3, abs=0.05)


def test_a_diagonal_one_pixel_thin_holds():
    facts = region_shapes(torch.eye(128)[None, None], (32, 32))
    assert at(facts, 20, 100)[0] > 0.25 and at(facts, 100, 20)[0] < -0.25


def test_a_small_gap_changes_little_and_a_wide_one_more():
    closed, small, wide = (at(region_shapes(box(gap=g), (32, 32)), 32, 20)[0] for g in (0, 3, 24))
    assert 0 <= small - closed < (wide - closed) / 2


def test_a_faint_line_holds_back_faintly():
    full, faint, blank = (at(region_shapes(box(ink=i), (32, 32)), 32, 32)[2] for i in (1.0, 0.05, 0.0))
    assert full < faint < blank


def test_the_facts_are_the_same_at_every_size():
    large = region_shapes(torch.nn.functional.interpolate(box(), scale_factor=8), (32, 32))
    assert (large - region_shapes(box(), (32, 32))).abs()[..., 6:11, 4:13].max() < 0.05


def test_under_autocast_nothing_is_rounded():
    with torch.autocast("cpu", torch.bfloat16):
        rounded = region_shapes(box(), (32, 32))
    assert torch.equal(rounded, region_shapes(box(), (32, 32)))
