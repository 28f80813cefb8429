"""What keeps a drawing in its painting."""

from __future__ import annotations

import pytest
import torch

from train.losses.line_darkness import UsualDarkness, excess_darkness, line_darkness
from train.losses.outlines import outlines
from train.losses.solid_texture import solid_texture
from train.losses.survival import area_distances, area_survival, colour_spread, line_survival
from train.losses.touching_areas import MOST, touching_areas


def cross(side=64):
    """Two lines that cut a sheet into four."""
    ink = torch.zeros(1, 1, side, side)
    ink[..., side // 2 - 1 : side // 2 + 1, :] = 1
    ink[..., side // 2 - 1 : side // 2 + 1] = 1
    return ink


def quarters(*colours, side=64):
    image = torch.zeros(1, 3, side, side)
    half = side // 2
    for number, colour in enumerate(colours):
        y, x = divmod(number, 2)
        image[:, :, y * half : (y + 1) * half, x * half : (x + 1) * half] = torch.tensor(colour).view(1, 3, 1, 1)
    return image


def test_four_areas_touch_along_the_lines_and_not_across_the_corner_alone():
    areas, touching = touching_areas(cross())
    assert areas.shape == (1, MOST, 32, 32) and touching.shape == (1, MOST, MOST)
    assert (areas[0].sum((1, 2)) > 0).sum() == 4
    assert areas[0].sum(0).max() == 1, "areas do not overlap"
    assert touching.triu().sum() == 0 and touching.sum() >= 4


def test_a_blank_sheet_has_one_area_and_a_black_one_none():
    areas, touching = touching_areas(torch.cat([torch.zeros(1, 1, 32, 32), torch.ones(1, 1, 32, 32)]))
    assert areas.sum((2, 3)).count_nonzero(1).tolist() == [1, 0] and touching.sum() == 0


def test_lines_survive_where_the_picture_has_edges():
    ink, spread = cross(), torch.tensor([0.3])
    flat = torch.zeros(1, 3, 64, 64)
    drawn = flat - 0.9 * ink
    assert line_survival(flat, ink, spread) == pytest.approx(0.95)
    assert line_survival(drawn, ink, spread) < 0.1
    assert line_survival(flat, torch.zeros_like(ink), spread) == 0, "no lines, nothing to ask"
    faint = line_survival(0.1 * drawn, ink, 0.1 * spread)
    assert faint == pytest.approx(float(line_survival(drawn, ink, spread)), abs=1e-4), "a pale reference may stay pale"


def test_inside_a_solid_black_no_edges_are_asked_for():
    ink, spread = torch.zeros(1, 1, 64, 64), torch.tensor([0.3])
    ink[..., 16:48, 16:48] = 1
    calm, rim = torch.zeros(1, 3, 64, 64) - 0.9 * ink, ink.clone()
    rim[..., 18:46, 18:46] = 0
    assert torch.equal(outlines(ink), rim), "two pixels from paper and no farther"
    assert torch.equal(outlines(cross()), cross()), "lines are all outline"
    assert line_survival(calm, ink, spread) < 0.1


def test_a_solid_black_is_calm_and_lines_do_not_count():
    ink, spread = torch.zeros(1, 1, 64, 64), torch.tensor([0.3])
    ink[..., 16:48, 16:48] = 1
    calm = torch.zeros(1, 3, 64, 64) - 0.9 * ink
    foliage = calm + 0.3 * torch.randn(calm.shape, generator=torch.Generator().manual_seed(0)) * ink
    assert solid_texture(calm, ink, spread) < 0.05
    assert solid_texture(foliage, ink, spread) > 0.3
    assert solid_texture(foliage, cross(), spread) == 0, "a line has no inside"


def test_areas_survive_where_their_colours_differ():
    areas, touching = touching_areas(cross())
    plain, checked = quarters(*[(0.2, 0.2, 0.2)] * 4), quarters((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0))
    one = torch.ones(1)
    assert area_survival(area_distances(plain, areas, one), touching) == pytest.approx(0.9, abs=2e-3)
    assert area_survival(area_distances(checked, areas, one), touching) == 0
    wanted = area_distances(checked, areas, one)
    assert area_survival(area_distances(0.5 * checked, areas, one), touching, wanted) > 0.3
    assert area_survival(wanted, torch.zeros_like(touching)) == 0


def test_gradients_of_equal_colours_are_finite():
    areas, touching = touching_areas(cross())
    plain = quarters(*[(0.2, 0.2, 0.2)] * 4).requires_grad_()
    area_survival(area_distances(plain, areas, torch.ones(1)), touching).backward()
    assert torch.isfinite(plain.grad).all()


def test_spread_has_a_floor():
    assert colour_spread(torch.zeros(1, 3, 8, 8)) == pytest.approx(0.03)


def test_darkness_is_of_lines_not_of_solid_blacks():
    ink = cross()
    image, spread = -0.5 * ink.expand(-1, 3, -1, -1), torch.tensor([0.5])
    assert line_darkness(image, ink, spread) > 0.3
    assert line_darkness(torch.zeros_like(image), ink, spread) == 0
    solid = torch.ones_like(ink)
    assert line_darkness(-solid.expand(-1, 3, -1, -1), solid, spread) == pytest.approx(0, abs=1e-5)
    assert excess_darkness(torch.tensor([0.5, 0.1]), torch.tensor([0.3, 0.3])) == pytest.approx(0.1)


def test_usual_darkness_is_a_running_mean_that_a_checkpoint_keeps():
    usual = UsualDarkness(0.5)
    assert usual.update(torch.tensor(0.4)) == pytest.approx(0.4)
    assert usual.update(torch.tensor(0.0)) == pytest.approx(0.2)
    again = UsualDarkness(0.5)
    again.load_state_dict(usual.state_dict())
    assert again.update(torch.tensor(0.2)) == pytest.approx(0.2)
