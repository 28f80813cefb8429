"""The learned extractor and its pen."""

from __future__ import annotations

import copy
import itertools
import math

import pytest
import torch
import torch.nn.functional as F

from s2i.config import ExtractorConfig, ModelConfig
from s2i.imaging.edges.ridge_pen import draw_crests
from s2i.imaging.pixels.gaussian import gaussian_blur
from s2i.models.sketch_extractor import ANALYSIS_SIDE, SketchExtractor

SPREAD = 1.1


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(3)
    net = SketchExtractor(ModelConfig.tiny().extractor).eval()
    torch.nn.init.normal_(net.head.out.weight, std=1.5)  # an untrained field is flat: give the pen something to follow
    torch.nn.init.constant_(net.head.out.bias, 0.5)
    return net


def draw(net, image, variant=(1.0, 0.0, 0.0), weight=1.0):
    code = torch.tensor(variant).expand(len(image), -1)
    with torch.inference_mode():
        return net(image, code, torch.full((len(image),), weight))


def same_lines(a, b):
    """The pen divides by curvature, so a rounding error in a convolution may show at a few flat places."""
    assert (a - b).abs().mean() < 1e-3


def picture(h, w, seed=0, count=1):
    coarse = torch.rand(count, 3, 7, 9, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    return F.interpolate(coarse, (h, w), mode="bicubic").clamp(-1, 1)


def test_the_one_that_ships_is_small():
    parameters = sum(p.numel() for p in SketchExtractor(ExtractorConfig()).parameters())
    assert 0.2e6 < parameters <= 1e6


@pytest.mark.parametrize("h, w", [(16, 16), (17, 61), (130, 47), (ANALYSIS_SIDE + 30, ANALYSIS_SIDE + 9)])
def test_any_size_gives_ink_of_that_size(net, h, w):
    ink = draw(net, picture(h, w))
    assert ink.shape == (1, 1, h, w)
    assert torch.isfinite(ink).all() and ink.min() >= 0 and ink.max() <= 1


def test_a_picture_is_drawn_alike_whatever_its_batch(net):
    batch = picture(64, 80, count=3)
    together = draw(net, batch)
    assert together.max() > 0.5
    for i in range(3):
        same_lines(together[i : i + 1], draw(net, batch[i : i + 1]))


def test_weights_may_differ_within_a_batch(net):
    image = picture(48, 48).expand(2, -1, -1, -1)
    code = torch.eye(3)[:1].expand(2, -1)
    both = net(image, code, torch.tensor([1.0, 4.0]))
    same_lines(both[:1], draw(net, image[:1], weight=1.0))
    same_lines(both[1:], draw(net, image[:1], weight=4.0))


def test_variants_interpolate_and_are_exact_at_the_ends(net):
    image = picture(64, 64)
    first, second = torch.eye(3)[:1], torch.eye(3)[1:2]
    with torch.inference_mode():
        a, b = net.logits(image, first), net.logits(image, second)
        assert not torch.allclose(a, b, atol=1e-3)
        assert torch.equal(net.logits(image, first.lerp(second, 0.0)), a)
        assert torch.equal(net.logits(image, first.lerp(second, 1.0)), b)
        # The codes themselves are a straight line.
        quarter = net.code(first).lerp(net.code(second), 0.25)
        assert torch.allclose(net.code(first.lerp(second, 0.25)), quarter, atol=1e-6)
        near = net.logits(image, first.lerp(second, 0.02))
    assert (near - a).abs().mean() < 0.2 * (b - a).abs().mean()


def test_heavier_lines_cover_lighter_ones(net):
    image = picture(64, 64)
    inks = [draw(net, image, weight=w) for w in (0.5, 1.0, 2.0, 4.0)]
    for thin, thick in itertools.pairwise(inks):
        assert (thick >= thin - 0.02).all()
        assert thick.sum() > 1.2 * thin.sum()


def line_field(size=64, angle=0.3, offset=0.0, height=1.0):
    """Log of a Gaussian ridge along a straight line through the middle; and each pixel's distance to it."""
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    distance = ((x - size / 2) * math.sin(angle) - (y - size / 2) * math.cos(angle) + offset).abs()
    return (math.log(height) - distance**2 / (2 * SPREAD**2)).clamp_min(-12)[None, None], distance[None, None]


@pytest.mark.parametrize("width", [1.0, 1.4, 3.0, 5.6])
@pytest.mark.parametrize("angle", [0.0, 0.3, 0.785, 1.2])
def test_the_pen_draws_a_straight_line_of_the_width_asked_for(width, angle):
    field, distance = line_field(angle=angle, offset=0.37)
    ink = draw_crests(field, torch.tensor([width]), spread=SPREAD)[0, 0, 12:-12, 12:-12]
    length = 40 / max(math.cos(angle), math.sin(angle))  # of the line within the middle 40 pixels
    assert ink.sum() / length == pytest.approx(width, rel=0.25, abs=0.1)
    assert ink[distance[0, 0, 12:-12, 12:-12] > width / 2 + 1.2].max() < 0.02  # one line, no echo beside it


def test_the_pen_leaves_faint_fields_and_flat_ones_blank():
    weight = torch.tensor([1.4])
    assert draw_crests(line_field(height=0.2)[0], weight).max() == 0
    assert draw_crests(line_field(height=0.9)[0], weight).max() > 0.9
    for level in (0.01, 0.5, 1.0):
        assert draw_crests(torch.full((1, 1, 32, 32), math.log(level)), weight).max() == 0


def test_a_line_that_falters_is_carried_on_and_a_speck_is_not_drawn():
    field, _ = line_field(angle=0.0)
    gap = torch.zeros_like(field)
    gap[..., 30:34] = math.log(0.3)
    weight = torch.tensor([1.4])
    carried = draw_crests(field + gap, weight)[0, 0, 30:35, 30:34].amax(0)
    assert carried.min() > 0.5
    x = torch.arange(64.0)
    bump = -(((x - 30) ** 2)[:, None] / 4 + ((x - 30) ** 2)[None] / 3)[None, None].clamp(max=12) + math.log(0.42)
    assert draw_crests(bump, weight).sum() < 0.5


def test_blur_is_the_gaussian_it_says():
    point = torch.zeros(1, 2, 41, 41, dtype=torch.float64)
    point[:, :, 20, 20] = 1
    blurred = gaussian_blur(point, 2.0)
    assert blurred.sum() == pytest.approx(2.0, rel=1e-6)
    spread = (blurred[0, 0].sum(0) * (torch.arange(41) - 20) ** 2).sum()
    assert spread == pytest.approx(4.0, rel=0.01)
    assert torch.allclose(gaussian_blur(torch.ones(1, 1, 9, 9), 3.0), torch.ones(1, 1, 9, 9))
    assert gaussian_blur(torch.ones(1, 1, 9, 9), 3.0, mode="zeros")[0, 0, 0, 0] < 0.5


def test_half_precision_draws_the_same_lines(net):
    image = picture(64, 64)
    full = draw(net, image)
    half = copy.deepcopy(net).to(torch.bfloat16)
    with torch.inference_mode():
        ink = half(image.bfloat16(), torch.eye(3)[:1].bfloat16(), torch.ones(1, dtype=torch.bfloat16))
    assert ink.dtype == torch.bfloat16
    assert (ink.float() - full).abs().mean() < 0.05
