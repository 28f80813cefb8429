"""What a palette says of a reference."""

from __future__ import annotations

import pytest
import torch

from s2i.imaging.palette import (
    COLOUR_CHANNELS,
    COLOURS,
    PALETTE_SIZE,
    mean_colour,
    measure_palette,
    named_colours,
    paint,
)

WHOLE = torch.ones(1, 1, 64, 64)


def patches(ground: tuple[float, float, float], *spots: tuple[float, float, float]) -> torch.Tensor:
    """(1,3,64,64): a ground with 16x16 spots along its top."""
    torch.manual_seed(0)
    image = torch.tensor(ground).view(1, 3, 1, 1) + torch.randn(1, 3, 64, 64) * 0.02
    for i, spot in enumerate(spots):
        image[..., :16, 16 * i : 16 * i + 16] = torch.tensor(spot).view(1, 3, 1, 1)
    return image


def near(one: torch.Tensor, two: tuple[float, float, float]) -> bool:
    return (one - torch.tensor(two)).norm() < 0.15


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_accent_stands_out_and_the_common_colour_does_not(sign):
    """A bright figure on a dark ground, or a dark one on a bright ground."""
    ground, spot = (-0.5 * sign,) * 3, (0.4 * sign, 0.0, -0.4 * sign)
    colours = named_colours(measure_palette(patches(ground, spot), WHOLE))
    assert near(colours["accent"][0], spot) and near(colours["common"][0], ground)


def test_several_colours_stand_out_each_in_its_own_direction():
    spots = [(0.8, -0.4, -0.4), (-0.4, 0.7, -0.4), (-0.5, -0.4, 0.8)]
    colours = named_colours(measure_palette(patches((-0.4, -0.4, -0.4), *spots), WHOLE))
    found = [colours[name][0] for name in ("accent", "second", "third")]
    assert all(any(near(f, spot) for f in found) for spot in spots)


def test_light_and_dark_are_the_ends_of_brightness():
    colours = named_colours(measure_palette(patches((0.0, 0.1, 0.0), (0.9, 0.9, 0.7), (-0.9, -0.8, -0.9)), WHOLE))
    assert near(colours["light"][0], (0.9, 0.9, 0.7)) and near(colours["dark"][0], (-0.9, -0.8, -0.9))


def test_one_colour_gives_that_colour_alone():
    palette = measure_palette(torch.full((1, 3, 64, 64), 0.3), WHOLE)
    for colour in (mean_colour(palette), *named_colours(palette).values()):
        torch.testing.assert_close(colour, torch.full((1, 3), 0.3), atol=1e-3, rtol=0)


def test_what_the_mask_leaves_out_has_no_colour():
    image, mask = patches((0.0, 0.0, 0.0), (0.5, -0.5, 0.0)), WHOLE.clone()
    mask[..., :32] = 0
    changed = image.clone()
    changed[..., :32] = torch.rand(1, 3, 64, 32) * 2 - 1
    torch.testing.assert_close(measure_palette(image, mask), measure_palette(changed, mask), atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", COLOURS)
def test_painting_with_one_share_of_a_named_colour_gives_it(name):
    palette = measure_palette(patches((0.1, -0.2, 0.0), (0.7, 0.0, -0.6), (-0.5, 0.4, 0.1)), WHOLE)
    assert palette.shape == (1, PALETTE_SIZE)
    colour = torch.zeros(1, COLOUR_CHANNELS, 2, 2)
    colour[:, 3 + COLOURS.index(name)] = 1
    torch.testing.assert_close(paint(palette, colour)[..., 0, 0], named_colours(palette)[name])
