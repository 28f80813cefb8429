"""A net that a loss looks through must not learn from it."""

from __future__ import annotations

import torch
from torch import nn

from train.frozen_nets.frozen import frozen


def test_gradients_pass_through_and_what_was_frozen_stays_so():
    net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 1))
    net[0].requires_grad_(False)
    x = torch.ones(2, 4, requires_grad=True)
    with frozen(net):
        net(x).mean().backward()
    assert x.grad.abs().sum() > 0
    assert all(p.grad is None for p in net.parameters())
    assert all(p.requires_grad for p in net[1].parameters())
    assert not any(p.requires_grad for p in net[0].parameters())
