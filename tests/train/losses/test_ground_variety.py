"""What stands behind two drawings after one reference."""

from __future__ import annotations

import torch

from train.losses.ground_variety import ground_variety

SPREAD = torch.full((2,), 0.3)


def sheets(centre=True, side=128):
    ink = torch.zeros(2, 1, side, side)
    if centre:
        ink[..., side // 2 - 16 : side // 2 + 16, side // 2 - 16 : side // 2 + 16] = 1
    return ink


def clouds(seed, side=128):
    coarse = 0.3 * torch.randn(1, 1, 8, 8, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(coarse, size=(side, side), mode="bilinear").expand(-1, 3, -1, -1)


def test_one_backdrop_twice_costs_nearly_all_and_two_backdrops_little():
    same, different = torch.cat([clouds(0), clouds(0)]), torch.cat([clouds(0), clouds(1)])
    assert ground_variety(same, sheets(), SPREAD) > 0.7
    assert ground_variety(different, sheets(), SPREAD) < 0.3


def test_what_is_drawn_may_be_alike():
    ground, figure = torch.cat([clouds(0), clouds(1)]), clouds(2)
    inside = sheets() > 0
    painted = torch.where(inside, figure.expand(2, -1, -1, -1), ground)
    assert ground_variety(painted, sheets(), SPREAD) < 0.3


def test_sky_above_land_and_plain_paper_are_no_repetition():
    horizon = torch.linspace(1, -1, 128).view(1, 1, 128, 1).expand(2, 3, 128, 128)
    assert ground_variety(horizon, sheets(), SPREAD) == 0
    paper = 0.9 + 0.01 * torch.cat([clouds(0), clouds(0)])
    assert ground_variety(paper, sheets(), SPREAD) < 0.1


def test_sheets_without_open_ground_and_a_batch_without_pairs_cost_nothing():
    full = torch.ones(2, 1, 128, 128)
    assert ground_variety(torch.cat([clouds(0), clouds(0)]), full, SPREAD) == 0
    assert ground_variety(clouds(0)[:0], full[:0], SPREAD[:0]) == 0


def test_the_gradient_moves_the_grounds_apart():
    painted = torch.cat([clouds(0), clouds(0) + 0.1 * clouds(1)]).requires_grad_()
    before = ground_variety(painted, sheets(), SPREAD)
    before.backward()
    after = ground_variety(painted - 20 * painted.grad, sheets(), SPREAD)
    assert torch.isfinite(painted.grad).all() and after < before
