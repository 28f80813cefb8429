"""What the content encoder is told of the whole sheet."""

from __future__ import annotations

import pytest
import torch

from s2i.imaging.regions.enclosure_map import CHANNELS, enclosure_map


def ring(gap: int = 0, ink: float = 1.0, side: int = 128) -> torch.Tensor:
    """(1,1,side,side): a circle, one pixel and a half thin, with a gap at its right."""
    y, x = torch.meshgrid(*[torch.arange(side) - side / 2] * 2, indexing="ij")
    line = ((torch.hypot(y, x) - side / 3).abs() < 1.5) & ~((x > 0) & (y.abs() < gap / 2))
    return ink * line.float()[None, None]


def centre(ink: torch.Tensor) -> list[float]:
    """Enclosure in the middle: fine, middling and coarse cells."""
    return enclosure_map(ink, 4)[0, 1:, 16, 16].tolist()


def test_inside_and_outside_of_a_closed_line():
    out = enclosure_map(ring(), 4)
    assert out.shape == (1, CHANNELS, 32, 32)
    assert centre(ring()) == [1, 1, 1] and out[0, 1:, 1, 1].tolist() == [0, 0, 0]


def test_a_gap_smaller_than_a_cell_counts_as_closed():
    fine, _, coarse = centre(ring(gap=8))
    assert fine == 0 and coarse == 1
    assert centre(ring(gap=60)) == [0, 0, 0]


def test_a_faint_line_encloses_faintly():
    assert centre(ring(ink=0.25))[0] == pytest.approx(0.5)


def test_blank_paper_is_open_and_knows_up_from_down():
    out = enclosure_map(torch.zeros(2, 1, 64, 96), 4)
    assert not out[:, 1:].any()
    assert out[0, 0, 0].eq(-1).all() and out[0, 0, -1].eq(1).all()


def test_a_way_out_may_be_long():
    """A corridor that winds through the whole sheet is still a way out."""
    ink = torch.zeros(1, 1, 128, 128)
    for i, row in enumerate(range(16, 128, 16)):
        ink[..., row, :] = 1
        ink[..., row, slice(112, None) if i % 2 else slice(0, 16)] = 0
    ink[..., 0] = ink[..., -1] = ink[..., -1, :] = 1
    ink[..., 0, :] = 1
    ink[..., 0, 60:64] = 0
    assert enclosure_map(ink, 4)[0, 1, 30, 8] == 0


def test_the_smallest_sheet():
    assert enclosure_map(torch.rand(1, 1, 32, 32), 4).shape == (1, CHANNELS, 8, 8)
