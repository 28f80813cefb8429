"""A dab names the region it lies in, whatever its exact colour, and nothing beyond the lines."""

from __future__ import annotations

import pytest
import torch

from s2i.errors import S2IError
from s2i.imaging.hints.dab_regions import dab_regions, nearest_keys

RED, BLUE = torch.tensor([0.8, -0.8, -0.8]), torch.tensor([-0.8, -0.8, 0.8])
KEYS = torch.stack([RED, BLUE])


def boxes():
    """Two closed boxes on a sheet of 128, a red dab in the left one and a bluish one in the right one."""
    ink, hints = torch.zeros(1, 1, 128, 128), torch.zeros(1, 4, 128, 128)
    for left in (10, 70):
        ink[..., 30:100, left : left + 3] = ink[..., 30:100, left + 45 : left + 48] = 1
        ink[..., 30:33, left : left + 48] = ink[..., 97:100, left : left + 48] = 1
    hints[0, :, 60:66, 30:36] = torch.cat([RED, torch.ones(1)])[:, None, None]
    hints[0, :, 60:66, 90:96] = torch.cat([BLUE + 0.15, torch.ones(1)])[:, None, None]
    return ink, hints


def test_each_box_belongs_to_its_dab():
    ink, hints = boxes()
    red, blue = dab_regions(ink, nearest_keys(hints, KEYS))[0]
    left, right, outside = (..., slice(36, 94), slice(16, 52)), (..., slice(36, 94), slice(76, 112)), slice(108, 126)
    assert red[left].mean() > 0.9 and blue[right].mean() > 0.9
    assert red[right].max() < 0.05 and blue[left].max() < 0.05
    assert red[outside].mean() < 0.1 and blue[outside].mean() < 0.1


def test_two_dabs_in_one_region_share_it():
    ink, hints = boxes()
    red, blue = dab_regions(torch.zeros_like(ink), nearest_keys(hints, KEYS))[0]
    assert (red + blue).max() <= 1 + 1e-5 and red[60, 20] > 0.3 and blue[60, 110] > 0.3


def test_a_part_without_a_dab_is_named():
    ink, hints = boxes()
    with pytest.raises(S2IError, match="part 3"):
        dab_regions(ink, nearest_keys(hints, torch.stack([RED, BLUE, torch.tensor([-0.9, 0.9, -0.9])])))
    only_red = nearest_keys(hints, KEYS) * torch.tensor([1.0, 0.0])[:, None, None]
    with pytest.raises(S2IError, match="of part 4:"):  # parts that are not connected count, too
        dab_regions(ink, only_red, ["1", "4"])
