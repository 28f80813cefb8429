"""Training samples: pure functions of a number, coloured together, never leaking a layout."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from train.data import augment
from train.data.pictures import Record
from train.data.ridges import RIDGE_VARIANTS, draw_ridges, pen
from train.data.samples import SampleConfig, SampleMaker, liveliness
from train.data.scheme import colour_scheme, ground_colour, lay_out
from train.data.strokes import HandDrawing, enclosed_regions, ground_parts, paint_drawing, paint_regions, repaint
from train.losses.differentiable_augment import differentiable_augment


def record(seed: int, h: int = 96, w: int = 128) -> Record:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    image = np.kron(small, np.ones((16, 16, 1), np.uint8))
    inks = np.zeros((2, h, w), np.uint8)
    inks[:, 40:42] = 255
    return Record(str(seed), image, inks)


@pytest.fixture
def records() -> list[Record]:
    return [record(i) for i in range(5)]


def ring(side: int = 256) -> np.ndarray:
    y, x = np.mgrid[:side, :side] - side / 2
    return np.abs(np.hypot(y, x) - side / 3) < 2


def test_a_sample_is_a_function_of_its_number(records):
    maker = SampleMaker(SampleConfig(size=32), records)
    one, again, other = (maker(records, 3, np.random.default_rng([0, i])) for i in (3, 3, 4))
    for key, value in one.items():
        assert torch.equal(value, again[key]), key
    assert not torch.equal(one["image"], other["image"])


def test_shapes_and_ranges(records):
    drawing = HandDrawing((ring() * 255).astype(np.uint8), enclosed_regions(ring()))
    maker = SampleMaker(SampleConfig(size=32, hand_drawn=0.5, repainted=0.5), records, [drawing])
    for i in range(12):
        sample = maker(records, i, np.random.default_rng([1, i]))
        for key in ("image", "reference", "foreign"):
            assert sample[key].shape == (3, 32, 32) and sample[key].abs().max() <= 1
        for key in ("ink", "other_ink"):
            assert sample[key].shape == (1, 32, 32) and sample[key].min() >= 0 and sample[key].max() <= 1


def test_a_foreign_reference_is_another_picture(records):
    maker = SampleMaker(SampleConfig(size=16), records)
    for i in range(40):
        sample = maker(records, i, np.random.default_rng([2, i]))
        assert sample["foreign_index"] != sample["index"]


def test_target_and_reference_change_colour_together():
    rng = np.random.default_rng(4)
    jitter = augment.ColourJitter(rng)
    x = torch.rand(3, 8, 8) * 2 - 1
    torch.testing.assert_close(jitter(x)[:, 2:5], jitter(x[:, 2:5]))


def test_patch_shuffle_keeps_every_pixel():
    x = torch.rand(3, 48, 48)
    shuffled = augment.patch_shuffle(np.random.default_rng(0), x)
    assert not torch.equal(shuffled, x)
    torch.testing.assert_close(shuffled.flatten().sort().values, x.flatten().sort().values)


def test_lively_pictures_come_first():
    grey, red = np.full((64, 64, 3), 60, np.uint8), np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 255
    assert liveliness(red) > liveliness(grey)


def test_regions_are_what_the_strokes_enclose():
    regions = enclosed_regions(ring())
    assert regions[0, 0] == 0 and regions[128, 128] == 1 and set(np.unique(regions)) == {0, 1}


def test_small_gaps_are_closed_and_open_drawings_refused():
    broken = ring()
    broken[:, 126:130] &= False
    assert enclosed_regions(broken)[128, 128] == 1
    line = np.zeros((256, 256), bool)
    line[128, 20:230] = True
    assert enclosed_regions(line) is None


def drawing() -> HandDrawing:
    return HandDrawing((ring() * 255).astype(np.uint8), enclosed_regions(ring()))


def spotted(ground: float, spot: tuple[float, float, float]) -> torch.Tensor:
    """A reference with one patch that stands out."""
    x = torch.full((3, 64, 64), ground)
    x[:, 8:24, 8:24] = torch.tensor(spot)[:, None, None]
    return x


def plain() -> torch.Tensor:
    """A painting without brushwork."""
    return torch.zeros(3, 64, 64)


@pytest.mark.parametrize(("ground", "spot"), [(-0.6, (0.8, 0.2, -0.4)), (0.6, (-0.7, -0.2, 0.5))])
def test_a_painted_drawing_wears_the_references_accent(ground, spot):
    """Light on dark and dark on light: the reference decides, so that it can be learned."""
    reference = spotted(ground, spot)
    for i in range(4):
        target, ink = paint_drawing(np.random.default_rng(i), drawing(), plain, reference, 64)
        assert target.shape == (3, 64, 64) and ink.shape == (1, 64, 64)
        gap = target[:, 28:36, 28:36].mean((1, 2)) - target[:, :4, :4].mean((1, 2))
        toward = torch.tensor(spot) - ground
        assert torch.nn.functional.cosine_similarity(gap, toward, dim=0) > 0.8 and gap.norm() > 0.4


def test_a_reference_without_an_accent_still_gives_a_figure():
    target, _ = paint_drawing(np.random.default_rng(0), drawing(), plain, torch.zeros(3, 64, 64), 64)
    assert (target[:, 28:36, 28:36].mean() - target[:, :4, :4].mean()).abs() > 0.3


def test_a_painted_drawing_has_its_lines_where_the_ink_has_them():
    reference = spotted(0.2, (0.8, 0.2, -0.4))
    for i in range(6):
        target, ink = paint_drawing(np.random.default_rng(i), drawing(), plain, reference, 64)
        on, off = target.mean(0)[ink[0] > 0.7], target.mean(0)[ink[0] < 0.05]
        assert on.mean() < off.mean() - 0.2


def three_colours() -> torch.Tensor:
    """A reference with two patches that stand out in different directions."""
    reference = spotted(-0.6, (0.8, 0.2, -0.4))
    reference[:, 40:56, 8:24] = torch.tensor([-0.5, 0.5, 0.6])[:, None, None]
    return reference


def test_large_regions_are_the_figure_and_lean_to_its_parts_away_from_the_middle():
    scheme = colour_scheme(three_colours())
    regions = np.zeros((64, 64), np.uint8)
    regions[20:44, 16:48], regions[46:62, 20:44] = 1, 2
    (_, coat), (_, trousers) = lay_out(regions, scheme)
    assert (coat[:, 32, 0] - scheme.figure).norm() < 0.4 < (trousers[:, 50, 0] - scheme.figure).norm()
    assert (coat[:, 32, 0] - trousers[:, 50, 0]).norm() > 0.2


def test_smaller_parts_take_the_references_colours_in_turn_down_the_sheet_alike_on_both_sides():
    scheme = colour_scheme(three_colours())
    regions = np.zeros((64, 64), np.uint8)
    boxes = [(6, 28), (14, 28), (22, 28), (30, 28), (48, 8), (48, 48)]
    for k, (row, column) in enumerate(boxes, 1):
        regions[row : row + 6, column : column + 8] = k
    regions[10:12, 4:7] = len(boxes) + 1
    colours = [colour[:, 0, 0] for _, colour in lay_out(np.where(regions == 4, 0, regions), scheme)]
    first, second, third, left, right, speck = colours
    assert min((a - b).norm() for a, b in ((first, second), (second, third), (first, third))) > 0.2
    assert torch.allclose(left, right, atol=0.1) and torch.equal(speck, scheme.speck)


def test_lines_across_the_sheet_cut_the_ground_into_parts_of_other_colours():
    lines = np.zeros((64, 64), bool)
    lines[20] = True
    parts = ground_parts(lines, np.zeros((64, 64), np.uint8))
    assert parts[:18].max() == parts[:18].min() != parts[24:].min() == parts[24:].max()
    scheme = colour_scheme(spotted(-0.2, (0.8, 0.2, -0.4)))
    whole, cut = ground_colour(np.zeros((64, 64), int), scheme), ground_colour(parts, scheme)
    across = lambda picture: (picture[:, 14, 32] - picture[:, 26, 32]).norm()  # noqa: E731
    assert across(cut) > 0.2 > across(whole)


def test_a_landscape_of_open_lines_is_repainted_too():
    ink = torch.zeros(1, 64, 64)
    ink[:, 24] = 1
    picture = repaint(torch.zeros(3, 64, 64), ink, ink, spotted(-0.2, (0.8, 0.2, -0.4)))
    assert (picture[:, 10].mean(1) - picture[:, 40].mean(1)).norm() > 0.2


def test_the_figure_throws_a_shadow_and_is_lit_from_the_upper_left():
    regions = np.zeros((64, 64), np.uint8)
    regions[16:40, 16:40] = 1
    scheme = colour_scheme(spotted(0.3, (-0.5, 0.2, 0.6)))
    picture = paint_regions(torch.zeros(1, 64, 64), regions, scheme, [torch.zeros(3, 64, 64)] * 2).mean(0)
    assert picture[18, 18] > picture[37, 37], "lit above, shaded below"
    assert picture[41, 38] < picture[41, 4] - 0.05, "the ground beside it lies in its shadow"


def test_a_painting_is_repainted_where_its_lines_enclose_something():
    ink = torch.from_numpy(ring(64).astype(np.float32))[None]
    image, reference = torch.rand(3, 64, 64) * 0.2, spotted(-0.6, (0.8, 0.2, -0.4))
    picture = repaint(image, ink, ink, reference)
    gap = picture[:, 28:36, 28:36].mean((1, 2)) - picture[:, :4, :4].mean((1, 2))
    assert torch.nn.functional.cosine_similarity(gap, torch.tensor([1.4, 0.8, 0.2]), dim=0) > 0.8
    assert repaint(image, ink * 0, ink, reference) is None


def test_ridges_are_thin_and_looks_differ_in_detail():
    y, x = np.mgrid[:96, :96]
    edge = np.exp(-((y - 30) ** 2) / 8) * 0.9 + np.exp(-((x - 60) ** 2) / 8) * 0.3
    bold, careful = draw_ridges(edge, RIDGE_VARIANTS[0]), draw_ridges(edge, RIDGE_VARIANTS[4])
    assert bold.max() <= 1 and bold[30].mean() > 0.8, "the strong edge is drawn by all"
    assert (bold[:, 10] > 0.5).sum() <= 2, "one line, not two, and thin"
    assert careful[70:, 60].mean() > bold[70:, 60].mean(), "only the careful hand draws the faint edge"


def test_a_heavier_pen_draws_wider():
    line = np.zeros((32, 32), bool)
    line[16] = True
    assert pen(line, 3.0)[:, 16].sum() > pen(line, 1.0)[:, 16].sum() > 0.5
    assert pen(np.zeros((8, 8), bool), 2).sum() == 0


def test_augmentation_for_the_critic_treats_picture_and_ink_as_one():
    x = torch.rand(2, 4, 32, 32)
    x[:, 3:] = (x[:, :1] > 0.5).float()
    out = differentiable_augment(x, 1.0, torch.Generator().manual_seed(0))
    assert out.shape == x.shape and not torch.equal(out, x)
    cut = (out[:, 3:] == 0) & (out[:, :3].abs().sum(1, keepdim=True) == 0)
    assert cut.any(), "what is cut out is cut out of both"
    assert torch.equal(differentiable_augment(x, 0.0, torch.Generator()), x)
