"""A style for each part of a picture."""

from __future__ import annotations

import torch

from s2i import RegionalStyle
from tests.s2i.codes.style_codes import code


def test_regions_share_every_pixel():
    left, right = torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 8, 8)
    left[..., :4], right[..., 6:] = 1, 1
    weights = RegionalStyle((code(1), code(2)), (left, right)).weights((8, 8))
    torch.testing.assert_close(sum(weights), torch.ones(1, 1, 8, 8))
    assert weights[0][..., 5].min() == 1, "where no mask reaches, the first style paints"
    assert weights[1][..., 7].min() == 1
