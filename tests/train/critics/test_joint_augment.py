"""DiffAugment with one draw for fake and real."""

from __future__ import annotations

import torch

from train.critics.joint_augment import joint_augment


def rand(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_augmentation_is_one_for_all_and_differentiable():
    generator = torch.Generator().manual_seed(0)
    image, ink = rand(2, 3, 40, 40).requires_grad_(), (rand(2, 1, 40, 40, seed=3) > 0.8).float()
    (a, b), (k, k2) = joint_augment([image, image.detach().clone()], [ink, ink.clone()], generator)
    assert torch.equal(a, b) and torch.equal(k, k2) and a.shape == image.shape and k.shape == ink.shape
    assert not torch.equal(a, image) and set(k.unique().tolist()) <= {0.0, 1.0}
    a.mean().backward()
    assert image.grad.abs().sum() > 0


def test_augmentation_moves_ink_and_picture_together():
    generator = torch.Generator().manual_seed(1)
    dot = torch.zeros(1, 1, 40, 40)
    dot[..., 20, 20] = 1
    (image,), (ink,) = joint_augment([dot.expand(-1, 3, -1, -1)], [dot], generator)
    assert image.sum(1).flatten().argmax() == ink.flatten().argmax()


def test_strength_zero_changes_nothing():
    image = rand(1, 3, 20, 20)
    assert joint_augment([image], [], torch.Generator(), 0.0)[0][0] is image
