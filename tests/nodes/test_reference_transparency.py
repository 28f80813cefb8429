"""A reference with four channels gives the style of what is opaque on it."""

from __future__ import annotations

import pytest
import torch

from tests.fuzz.node_inputs import node_batches


def cut_out() -> torch.Tensor:
    """(1,H,W,4): left opaque, right transparent."""
    picture = torch.zeros(1, 20, 30, 4)
    picture[:, :, :15, 3] = 1
    return picture


def test_what_is_transparent_is_left_out():
    batches = node_batches()
    opaque = batches.reference_mask(None, cut_out())
    assert opaque.shape == (1, 1, 20, 30) and opaque[..., :15].min() == 1 and opaque[..., 15:].max() == 0
    assert batches.reference_mask(None, cut_out()[..., :3]) is None
    whole = torch.ones(1, 20, 30, 4)
    assert batches.reference_mask(None, whole) is None
    top = torch.zeros(1, 10, 15)
    top[:, :5] = 1
    both = batches.reference_mask(top, cut_out())
    assert torch.equal(both[0, 0] > 0.5, (opaque[0, 0] > 0.5) & (torch.arange(20) < 10)[:, None])
    torch.testing.assert_close(batches.reference_mask(top, whole), batches.reference_mask(top, whole[..., :3]))


def test_a_reference_that_shows_nothing_is_said():
    with pytest.raises(ValueError, match="all transparent"):
        node_batches().reference_mask(None, torch.zeros(1, 20, 30, 4))
