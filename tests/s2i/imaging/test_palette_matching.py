"""A picture moved to a palette: its mean, its spread, and no more than that."""

from __future__ import annotations

import torch

from s2i.imaging.palette import mean_colour, measure_palette, named_colours
from s2i.imaging.palette_matching import match_palette


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
    inside = mask[:, 0] > 0
    torch.testing.assert_close(with_lines.mean(1)[inside], without.mean(1)[inside], atol=0.02, rtol=0)


def test_paint_gives_back_the_colour_that_lines_take():
    image, palette = mosaic(8, 0.1, 0.0), measure_palette(mosaic(9, 0.1, 0.1), torch.ones(1, 1, 48, 64))
    mask = torch.ones_like(image[:, :1])
    mask[..., ::2, :] = 0
    chroma = lambda picture: (picture - picture.mean(1, keepdim=True)).norm(dim=1).mean()  # noqa: E731
    assert 1.1 < chroma(match_palette(image, palette, mask)) / chroma(matched(image, palette)) < 1.3


def test_where_the_mask_leaves_nothing_everything_counts():
    image, palette = mosaic(1, 0.05, -0.4), measure_palette(mosaic(2, 0.05, 0.1), torch.ones(1, 1, 48, 64))
    nothing = match_palette(image, palette, torch.zeros(1, 1, 48, 64))
    torch.testing.assert_close(nothing.mean(1), matched(image, palette).mean(1), atol=1e-4, rtol=0)
