"""Terms of the paper on cases with a known answer, and the authors' mistakes that must not come back."""

from __future__ import annotations

import pytest
import torch

from train.losses import codes, relativistic
from train.losses.pictures import out_of_range, reconstruction


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def picture(batch: int = 2, side: int = 32) -> torch.Tensor:
    return torch.rand(batch, 3, side, side) * 2 - 1


def test_reconstruction_is_zero_for_the_same_picture_and_a_mean_over_the_batch():
    x, y = picture(4), picture(4)
    assert reconstruction(x, x, (1, 4, 16)) == 0
    halves = (reconstruction(x[:2], y[:2], (1, 4, 16)) + reconstruction(x[2:], y[2:], (1, 4, 16))) / 2
    torch.testing.assert_close(reconstruction(x, y, (1, 4, 16)), halves)


def test_coarse_scales_see_tone_through_texture():
    """The same error costs more as a shift of tone than as noise."""
    x = torch.zeros(1, 3, 32, 32)
    noise = torch.randint(0, 2, (1, 3, 32, 32)) * 0.4 - 0.2
    assert reconstruction(x + 0.2, x, (1, 4, 16)) > 1.5 * reconstruction(x + noise, x, (1, 4, 16))


def test_content_triplet_cannot_be_won_by_inflating_features():
    a, p, n = ([torch.rand(4, 8, 8, 8)] for _ in range(3))
    bigger = codes.content_triplet([10 * a[0]], [10 * p[0]], [10 * n[0]])
    torch.testing.assert_close(codes.content_triplet(a, p, n), bigger)
    assert codes.content_triplet(a, a, n) < codes.content_triplet(a, p, n)


def test_style_triplet_has_a_margin():
    a, far = [torch.tensor([[1.0, 0.0]])], [torch.tensor([[0.0, 1.0]])]
    assert codes.style_triplet(a, a, far) == 0
    assert codes.style_triplet(a, far, a) == pytest.approx(1.3)
    assert codes.style_triplet(a, a, a) == pytest.approx(0.3)


def test_instance_classification_ignores_pictures_outside_the_set():
    logits = torch.tensor([[5.0, 0.0], [0.0, 5.0]], requires_grad=True)
    inside = codes.instance_classification(logits, torch.tensor([0, -1]))
    assert inside < 0.01
    outside = codes.instance_classification(logits, torch.tensor([-1, -1]))
    outside.backward()
    assert outside == 0 and logits.grad.abs().sum() == 0


def test_mutual_information_is_least_for_the_clueless():
    assert codes.mutual_information(torch.zeros(3, 10)) == pytest.approx(0, abs=1e-6)
    certain = codes.mutual_information(torch.tensor([[50.0, 0.0, 0.0, 0.0]]))
    assert certain == pytest.approx(3, rel=1e-3)  # (1 - 1/4)² + 3/16, times 4


def test_relativistic_losses_are_balanced_at_indifference():
    score = torch.randn(4, 9)
    expected = torch.log(torch.tensor(2.0))
    torch.testing.assert_close(relativistic.relativistic_generator(score, score), expected)
    torch.testing.assert_close(relativistic.relativistic_discriminator(score, score), expected)
    assert relativistic.relativistic_generator(score, score + 2) < relativistic.relativistic_generator(score, score)


def test_gradient_penalty_is_the_squared_slope_on_picture_channels_only():
    x = torch.rand(2, 4, 3, 3)
    penalty = relativistic.gradient_penalty
    assert penalty(lambda z: (2 * z[:, :1]).flatten(1).sum(1, keepdim=True), x) == pytest.approx(36)
    assert penalty(lambda z: z[:, 3:].flatten(1).sum(1, keepdim=True) + 0 * z[:, :3].sum(), x) == 0


def test_only_what_lies_outside_the_range_costs():
    assert out_of_range(torch.tensor([[-1.0, 1.0, 0.5]])) == 0
    assert out_of_range(torch.tensor([2.0, -1.5])) == pytest.approx(0.75)
