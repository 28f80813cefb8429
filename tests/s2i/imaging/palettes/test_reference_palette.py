"""What a palette says of a reference."""

from __future__ import annotations

import torch

from s2i.imaging.palettes.reference_palette import colour_moments


def test_moments_are_those_of_the_colours():
    torch.manual_seed(0)
    image = torch.randn(2, 3, 40, 30) * 0.3
    mean, root = colour_moments(image)
    pixels = image.flatten(2)
    torch.testing.assert_close(mean, pixels.mean(-1))
    for covariance, colours in zip(root @ root, pixels, strict=True):
        torch.testing.assert_close(covariance, torch.cov(colours, correction=0), atol=1e-4, rtol=1e-3)


def test_a_flat_reference_leaves_room_for_light_and_shade():
    mean, root = colour_moments(torch.full((1, 3, 16, 16), 0.3))
    torch.testing.assert_close(mean, torch.full((1, 3), 0.3))
    torch.testing.assert_close(root[0], 0.04 * torch.eye(3), atol=1e-5, rtol=0)


def test_what_the_mask_leaves_out_has_no_say():
    image = torch.rand(1, 3, 16, 16)
    mask = torch.zeros(1, 1, 16, 16)
    mask[..., :8, :] = 1
    changed = torch.where(mask > 0, image, 1.0)
    for one, two in zip(colour_moments(image, mask), colour_moments(changed, mask), strict=True):
        torch.testing.assert_close(one, two)
