"""Objectives on cases with a known answer, and the authors' mistakes that must not come back."""

from __future__ import annotations

import pytest
import torch

from train.losses import terms as losses


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def picture(batch: int = 2, side: int = 32) -> torch.Tensor:
    return torch.rand(batch, 3, side, side) * 2 - 1


def test_reconstruction_is_zero_for_the_same_picture_and_a_mean_over_the_batch():
    x, y = picture(4), picture(4)
    assert losses.reconstruction(x, x) == 0
    halves = (losses.reconstruction(x[:2], y[:2]) + losses.reconstruction(x[2:], y[2:])) / 2
    torch.testing.assert_close(losses.reconstruction(x, y), halves)


def test_coarse_scales_see_tone_through_texture():
    """The same error costs more as a shift of tone than as noise."""
    x = torch.zeros(1, 3, 32, 32)
    noise = torch.randint(0, 2, (1, 3, 32, 32)) * 0.4 - 0.2
    assert losses.reconstruction(x + 0.2, x) > 1.5 * losses.reconstruction(x + noise, x)


def test_gram_matrices_do_not_mix_pictures():
    """The authors' reshape made one matrix of the whole batch: reordering it changed the loss."""
    features = torch.rand(3, 4, 5, 5)
    grams = losses.gram_matrix(features)
    assert grams.shape == (3, 4, 4)
    order = [2, 0, 1]
    torch.testing.assert_close(losses.gram_matrix(features[order]), grams[order])
    torch.testing.assert_close(grams[0], losses.gram_matrix(features[:1])[0])


def test_palette_distance_ignores_where_a_colour_is():
    x = picture(1)
    shuffled = x.flatten(2)[:, :, torch.randperm(32 * 32)].view_as(x)
    directions = torch.eye(3)
    assert losses.palette_distance(shuffled, x, directions) < 1e-6
    assert losses.palette_distance(x + 0.3, x, directions) == pytest.approx(0.3, rel=1e-4)


def test_content_triplet_cannot_be_won_by_inflating_features():
    a, p, n = ([torch.rand(4, 8, 8, 8)] for _ in range(3))
    bigger = losses.content_triplet([10 * a[0]], [10 * p[0]], [10 * n[0]])
    torch.testing.assert_close(losses.content_triplet(a, p, n), bigger)
    assert losses.content_triplet(a, a, n) < losses.content_triplet(a, p, n)


def test_style_triplet_has_a_margin():
    a, far = [torch.tensor([[1.0, 0.0]])], [torch.tensor([[0.0, 1.0]])]
    assert losses.style_triplet(a, a, far) == 0
    assert losses.style_triplet(a, far, a) == pytest.approx(1.3)
    assert losses.style_triplet(a, a, a) == pytest.approx(0.3)


def test_instance_classification_ignores_pictures_outside_the_set():
    logits = torch.tensor([[5.0, 0.0], [0.0, 5.0]], requires_grad=True)
    inside = losses.instance_classification(logits, torch.tensor([0, -1]))
    assert inside < 0.01
    outside = losses.instance_classification(logits, torch.tensor([-1, -1]))
    outside.backward()
    assert outside == 0 and logits.grad.abs().sum() == 0


def test_mutual_information_is_least_for_the_clueless():
    assert losses.mutual_information(torch.zeros(3, 10)) == pytest.approx(0, abs=1e-6)
    certain = losses.mutual_information(torch.tensor([[50.0, 0.0, 0.0, 0.0]]))
    assert certain == pytest.approx(3, rel=1e-3)  # (1 - 1/4)² + 3/16, times 4


def test_relativistic_losses_are_balanced_at_indifference():
    score = torch.randn(4, 9)
    expected = torch.log(torch.tensor(2.0))
    torch.testing.assert_close(losses.relativistic_generator(score, score), expected)
    torch.testing.assert_close(losses.relativistic_discriminator(score, score), expected)
    assert losses.relativistic_generator(score, score + 2) < losses.relativistic_generator(score, score)


def test_gradient_penalty_is_the_squared_slope_on_picture_channels_only():
    x = torch.rand(2, 4, 3, 3)
    assert losses.gradient_penalty(lambda z: (2 * z[:, :1]).flatten(1).sum(1, keepdim=True), x) == pytest.approx(36)
    assert losses.gradient_penalty(lambda z: z[:, 3:].flatten(1).sum(1, keepdim=True) + 0 * z[:, :3].sum(), x) == 0


def test_edge_consistency_prefers_edges_under_the_ink():
    target = torch.zeros(1, 3, 32, 32)
    target[..., 16:] = 0.5
    ink = torch.zeros(1, 1, 32, 32)
    ink[..., 15:17] = 1
    elsewhere = target.roll(-8, -1)
    assert losses.edge_consistency(target * 1.5, ink, target) < losses.edge_consistency(elsewhere, ink, target)


def test_local_contrast_notices_blur():
    x = picture(1)
    blurred = torch.nn.functional.avg_pool2d(x, 3, 1, 1)
    assert losses.local_contrast(blurred, x) > 5 * losses.local_contrast(x.roll(1, -1), x)
