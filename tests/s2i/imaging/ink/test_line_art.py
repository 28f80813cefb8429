"""Lines laid over a painting keep their very numbers, and change nothing under blank paper."""

from __future__ import annotations

import pytest
import torch

from s2i.errors import S2IError
from s2i.imaging.ink.line_art import line_art, overlay_lines


def parts(seed=0):
    rng = torch.Generator().manual_seed(seed)
    image = torch.rand(2, 3, 32, 40, generator=rng)
    lines = torch.ones(1, 3, 32, 40)
    lines[..., 10, :] = 0
    lines[..., 11, :] = 100 / 255
    return image, lines


def test_black_is_black_and_paper_leaves_the_painting_bit_for_bit():
    image, lines = parts()
    out = overlay_lines(image, lines)
    assert (out[..., 10, :] == 0).all()
    assert torch.equal(out[..., 12:, :], image[..., 12:, :]) and torch.equal(out[..., :10, :], image[..., :10, :])
    assert torch.equal(overlay_lines(image, lines, 0.0), image)
    half = overlay_lines(image, lines, 0.5)
    assert torch.allclose(half[..., 10, :], image[..., 10, :] / 2)


def test_a_colour_of_ones_own_is_exact():
    image, lines = parts()
    out = overlay_lines(image, lines, 1.0, "#2b1d14")
    assert torch.equal(out[0, :, 10, 0], torch.tensor([0x2B / 255, 0x1D / 255, 0x14 / 255]))
    assert torch.equal(out[..., 20:, :], image[..., 20:, :])


def test_line_art_keeps_what_is_opaque_and_shows_paper_through_the_rest():
    colour = torch.rand(1, 3, 16, 16)
    alpha = torch.zeros(1, 1, 16, 16)
    alpha[..., 4, :] = 1
    shown = line_art(colour, alpha)
    assert torch.equal(shown[..., 4, :], colour[..., 4, :]) and (shown[..., 5:, :] == 1).all()
    board = torch.zeros(1, 3, 16, 16)
    board[..., 3, :] = 1
    assert torch.equal(line_art(board), 1 - board)
    assert torch.equal(line_art(1 - board), 1 - board)


def test_wrong_colours_and_sizes_are_refused():
    image, lines = parts()
    with pytest.raises(S2IError, match="brown"):
        overlay_lines(image, lines, 1.0, "brown")
    with pytest.raises(S2IError, match="does not fit"):
        overlay_lines(image, lines[..., :-1])
    with pytest.raises(S2IError, match="opacity"):
        overlay_lines(image, lines, 2.0)
