"""What a palette says of a reference."""

from __future__ import annotations

import pytest
import torch

from s2i.layers.palette import (
    COLOUR_CHANNELS,
    COLOURS,
    PALETTE_SIZE,
    match_palette,
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


def mosaic(seed: int, spread: float, shift: float, size: tuple[int, int] = (48, 64)) -> torch.Tensor:
    """(1,3,*size): patches of 16 px in correlated random colours."""
    g = torch.Generator().manual_seed(seed)
    mixing = torch.randn(3, 3, generator=g) * spread
    cells = torch.einsum("ij,bjhw->bihw", mixing, torch.randn(1, 3, size[0] // 16, size[1] // 16, generator=g))
    return cells.repeat_interleave(16, 2).repeat_interleave(16, 3) + shift


def matched(image: torch.Tensor, palette: torch.Tensor) -> torch.Tensor:
    return match_palette(image, palette, torch.ones_like(image[:, :1]))


def moments(image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    pixels = image[0].flatten(1)
    return pixels.mean(1), torch.cov(pixels, correction=0)


def test_a_matched_picture_has_the_references_mean_and_spread():
    reference = mosaic(1, 0.2, 0.1)
    palette = measure_palette(reference, torch.ones_like(reference[:, :1]))
    washed_out = 0.6 * reference - 0.3 + 0.02 * torch.randn(reference.shape, generator=torch.Generator().manual_seed(0))
    for wanted, found in zip(moments(reference), moments(matched(washed_out, palette)), strict=True):
        torch.testing.assert_close(found, wanted, atol=0.01, rtol=0.1)


def test_a_picture_that_fits_its_palette_is_left_as_it_is_but_for_what_outshines_its_lights():
    image = mosaic(2, 0.15, -0.2)
    palette = measure_palette(image, torch.ones_like(image[:, :1]))
    usual = (image.mean(1, keepdim=True) <= named_colours(palette)["light"].mean()).expand_as(image)
    same = matched(image, palette)
    torch.testing.assert_close(same[usual], image[usual], atol=1e-3, rtol=0)
    assert usual.float().mean() > 0.7 and (same <= image + 1e-3).all()


def test_no_light_is_burnt_out():
    """However far it is stretched, what was lighter stays lighter, and inside the range."""
    ramp = torch.linspace(-0.9, 0.9, 64).expand(1, 3, 64, 64)
    lit = matched(ramp, measure_palette(mosaic(7, 0.5, 0.3), torch.ones(1, 1, 48, 64)))
    grey = lit.mean(1)[0, 0]
    assert grey.diff().abs().min() > 1e-4 and lit.abs().max() < 1


def test_flatness_is_not_blown_up_into_noise_nor_variety_flattened():
    rich, flat = mosaic(3, 0.4, 0.0), 0.02 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    stretched = matched(flat, measure_palette(rich, torch.ones_like(rich[:, :1])))
    assert stretched.std(dim=(2, 3)).max() < 3.6 * flat.std()
    kept = matched(rich, measure_palette(flat, torch.ones_like(flat[:, :1])))
    assert kept.std(dim=(2, 3)).min() > 0.65 * rich.std(dim=(2, 3)).min()


def test_blank_colour_is_matched_without_a_nan_and_alone_as_in_a_batch():
    images = torch.cat([torch.full((1, 3, 48, 64), 0.2), mosaic(4, 0.2, 0.3)])
    palettes = torch.cat([measure_palette(mosaic(i, 0.3, 0.0), torch.ones(1, 1, 48, 64)) for i in (5, 6)])
    together = matched(images, palettes)
    torch.testing.assert_close(together[:1].mean((2, 3)), mean_colour(palettes[:1]), atol=1e-5, rtol=0)
    for i in range(2):
        torch.testing.assert_close(together[i : i + 1], matched(images[i : i + 1], palettes[i : i + 1]))


def test_what_the_mask_leaves_out_has_no_say():
    image, reference = mosaic(8, 0.2, 0.0), mosaic(9, 0.2, 0.1)
    palette = measure_palette(reference, torch.ones_like(reference[:, :1]))
    lined, mask = image.clone(), torch.ones_like(image[:, :1])
    lined[..., ::8, :], mask[..., ::8, :] = -1.0, 0
    with_lines, without = match_palette(lined, palette, mask), matched(image, palette)
    inside = mask.expand_as(image) > 0
    torch.testing.assert_close(with_lines[inside], without[inside], atol=0.02, rtol=0)
