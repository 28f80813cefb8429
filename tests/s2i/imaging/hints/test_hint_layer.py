"""Hints are what is painted on a layer; blank layers and whole pictures are refused with a reason."""

from __future__ import annotations

import pytest
import torch

from s2i.errors import S2IError
from s2i.imaging.hints.hint_layer import hints_from_layer, show_hints
from s2i.imaging.hints.hints import resize_hints


def layer(colour=(0.6, -0.4, -0.2), size=64):
    image, alpha = torch.ones(1, 3, size, size), torch.zeros(1, 1, size, size)
    alpha[..., 10:30, 20:40] = 1
    return torch.where(alpha > 0, torch.tensor(colour)[None, :, None, None], image), alpha


def test_dabs_on_a_transparent_layer_and_on_white_are_the_same_hints():
    image, alpha = layer()
    hidden = torch.where(alpha > 0, image, torch.tensor(-0.9))  # whatever colour a program leaves under transparency
    assert torch.equal(hints_from_layer(hidden, alpha), hints_from_layer(image, None))
    assert torch.equal(hints_from_layer(image, torch.ones_like(alpha)), hints_from_layer(image, None))


def test_shrinking_keeps_colours():
    hints = resize_hints(hints_from_layer(*layer()), (15, 21))
    assert hints.shape == (1, 4, 15, 21)
    inside = hints[0, :3, hints[0, 3] > 0.02]
    assert (inside - torch.tensor([0.6, -0.4, -0.2])[:, None]).abs().max() < 1e-2
    assert hints[0, 3].mean() == pytest.approx(400 / 64**2, rel=0.05)


def test_shown_over_white():
    shown = show_hints(hints_from_layer(*layer()))
    assert shown[0, :, 0, 0].tolist() == [1, 1, 1] and shown[0, :, 20, 30].tolist() == pytest.approx([0.6, -0.4, -0.2])


def test_nothing_and_everything_are_refused():
    image, _ = layer()
    with pytest.raises(S2IError, match="no colour"):
        hints_from_layer(torch.ones_like(image), None)
    with pytest.raises(S2IError, match="whole picture"):
        hints_from_layer(torch.zeros_like(image), None)
