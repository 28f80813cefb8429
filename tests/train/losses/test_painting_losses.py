"""What a painting is compared with: features, colours, edges, its own sketch."""

from __future__ import annotations

import pytest
import torch

from train.losses.edge_distance import difference_of_gaussians, edge_distance
from train.losses.feature_reconstruction import feature_reconstruction
from train.losses.feature_statistics import feature_statistics
from train.losses.palette_distance import colour_directions, palette_distance
from train.losses.sketch_cycle import sketch_cycle


def rand(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_features_weigh_alike_whatever_their_scale():
    a, b = [rand(2, 4, 8, 8), rand(2, 8, 4, 4)], [rand(2, 4, 8, 8, seed=1), rand(2, 8, 4, 4, seed=1)]
    loss = feature_reconstruction(a, b)
    assert feature_reconstruction([1000 * a[0], a[1]], [1000 * b[0], b[1]]) == pytest.approx(float(loss), rel=1e-4)
    assert feature_reconstruction(b, b) == 0 < loss


def test_statistics_forget_places():
    x = rand(2, 4, 8, 8)
    moved = x.flatten(2)[..., torch.randperm(64)].view_as(x)
    assert feature_statistics([moved], [x]) == pytest.approx(0, abs=1e-5)
    assert feature_reconstruction([moved], [x]) > 0.5
    assert feature_statistics([2 * x], [x]) == pytest.approx(2, rel=1e-3), "mean and deviation are off by all of theirs"


def test_a_palette_forgets_places_and_knows_amounts():
    directions = colour_directions()
    assert torch.allclose(directions.norm(dim=1), torch.ones(16)) and torch.equal(directions, colour_directions())
    red, blue = torch.tensor([1.0, -1, -1]).view(1, 3, 1, 1), torch.tensor([-1.0, -1, 1]).view(1, 3, 1, 1)
    mix = lambda share: torch.cat([red.expand(1, 3, share, 32), blue.expand(1, 3, 32 - share, 32)], 2)  # noqa: E731
    assert palette_distance(mix(8).flip(2), mix(8), directions) == pytest.approx(0, abs=1e-6)
    assert palette_distance(mix(16), mix(8), directions) < palette_distance(mix(32), mix(8), directions)


def test_edges_of_colour_alone_do_not_count_but_those_of_brightness_do():
    flat = torch.zeros(1, 3, 32, 32)
    step = flat.clone()
    step[..., 16:] = 0.5
    assert edge_distance(step, step) == 0 < edge_distance(step, flat)
    tinted = flat.clone()
    tinted[:, 0, :, 16:], tinted[:, 2, :, 16:] = 0.5, -0.5
    assert edge_distance(tinted, flat) == pytest.approx(0, abs=1e-6)
    assert difference_of_gaussians(tinted).sum() > 0, "channel by channel it does"


def test_sketch_cycle_weighs_pictures_alike_with_their_weights():
    field = (rand(2, 1, 8, 8) > 0.5).float()
    right = (field * 2 - 1) * 20
    assert sketch_cycle(right, field, torch.ones(2)) < 1e-6
    wrong = torch.cat([right[:1], -right[1:]])
    assert sketch_cycle(wrong, field, torch.tensor([1.0, 0.0])) < 1e-6
    assert sketch_cycle(wrong, field, torch.tensor([0.0, 1.0])) == pytest.approx(10, rel=1e-3)
