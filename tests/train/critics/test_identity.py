"""The rolling instance classifier."""

from __future__ import annotations

import pytest
import torch

from train.critics.identity import RollingIdentity


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def test_the_rolling_window_moves_and_its_heads_start_afresh():
    identity = RollingIdentity(8, 8, classes=4, period=100)
    before = identity.style.weight.clone()
    assert not identity.roll(99) and torch.equal(identity.style.weight, before)
    assert identity.roll(100) and not torch.equal(identity.style.weight, before)
    labels = identity.labels(torch.tensor([3, 4, 7, 8]), count=10)
    assert labels.tolist() == [-1, 0, 3, -1]


def test_mutual_information_trains_the_content_and_not_its_judge():
    identity = RollingIdentity(8, 8, 4, 100)
    features = torch.rand(2, 8, 3, 3, requires_grad=True)
    identity.of_content(features, frozen=True).square().sum().backward()
    assert features.grad.abs().sum() > 0 and identity.content.weight.grad is None
