"""The discriminator over frozen features, and its hinges."""

from __future__ import annotations

import pytest
import torch

from train.critics.projected_adversary import (
    ProjectedDiscriminator,
    accuracy,
    hinge_discriminator,
    hinge_generator,
    hinge_mismatch,
)

CHANNELS = (4, 6, 8, 10)


@pytest.fixture
def discriminator():
    torch.manual_seed(0)
    return ProjectedDiscriminator(CHANNELS)


def views(count=2, side=64, seed=1):
    g = torch.Generator().manual_seed(seed)
    sides = [side // stride for stride in (4, 8, 16, 32)]
    return [torch.randn(count, c, s, s, generator=g) for c, s in zip(CHANNELS, sides, strict=True)]


def test_four_scores_of_the_scales(discriminator):
    scores = discriminator(views(), torch.zeros(2, 1, 64, 64))
    assert [tuple(s.shape) for s in scores] == [(2, 1, 4, 4), (2, 1, 4, 4), (2, 1, 4, 4), (2, 1, 2, 2)]
    assert all(s.dtype == torch.float32 for s in scores)


def test_the_mixing_never_learns_and_is_part_of_the_state(discriminator):
    assert not any(p.requires_grad for p in discriminator.mixing.parameters())
    discriminator(views(), torch.zeros(2, 1, 64, 64))[0].mean().backward()
    assert all(p.grad is None for p in discriminator.mixing.parameters())
    assert any(name.startswith("mixing.") for name in discriminator.state_dict())


def test_a_map_at_one_scale_reaches_the_finer_heads(discriminator):
    """Across scales information flows from coarse to fine only."""
    discriminator.eval()
    ink, one = torch.zeros(2, 1, 64, 64), views()
    other = [*one[:3], one[3] + 1]
    before, after = discriminator(one, ink), discriminator(other, ink)
    assert all(not torch.equal(a, b) for a, b in zip(before, after, strict=True))
    other = [one[0] + 1, *one[1:]]
    changed = [not torch.equal(a, b) for a, b in zip(before, discriminator(other, ink), strict=True)]
    assert changed == [True, False, False, False]


def test_the_ink_is_seen_by_every_head(discriminator):
    discriminator.eval()
    blank, lines = torch.zeros(2, 1, 64, 64), torch.rand(2, 1, 64, 64)
    pairs = zip(discriminator(views(), blank), discriminator(views(), lines), strict=True)
    assert all(not torch.equal(a, b) for a, b in pairs)


def test_scores_do_not_depend_on_the_size_of_features(discriminator):
    discriminator.eval()
    blank = torch.zeros(2, 1, 64, 64)
    with torch.no_grad():
        discriminator.mixing.across_channels[0].bias.zero_()
    small, large = discriminator(views(), blank), discriminator([100 * v for v in views()], blank)
    assert torch.allclose(small[3], large[3], atol=1e-3)


def test_hinges():
    fake, real = [torch.full((2, 1, 2, 2), -2.0)], [torch.full((2, 1, 2, 2), 2.0)]
    assert hinge_discriminator(fake, real) == 0 and hinge_discriminator(real, fake) == 6
    assert hinge_generator(fake, torch.tensor([1.0, 0.5])) == 1.5
    assert hinge_mismatch(real, torch.tensor([1.0, 0.0])) == 1.5
    assert accuracy(fake, real) == 1 and accuracy(real, fake) == 0


def test_it_learns_to_tell_two_kinds_of_features_apart(discriminator):
    optimizer = torch.optim.Adam(discriminator.heads.parameters(), 2e-3, (0.0, 0.99))
    blank = torch.zeros(4, 1, 64, 64)
    for step in range(30):
        fake = discriminator(views(4, seed=step), blank)
        real = discriminator([v + 0.5 for v in views(4, seed=100 + step)], blank)
        loss = hinge_discriminator(fake, real)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert accuracy(fake, real) > 0.9
