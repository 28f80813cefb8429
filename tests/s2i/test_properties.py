"""What holds for every size, aspect, batch and channel count; hypothesis looks for the exception."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from s2i.config import ModelConfig
from s2i.imaging.ink.drawing_ink import comfy_to_ink
from s2i.imaging.ink.ink import resize_ink, to_ink
from s2i.imaging.ink.lines import lay_lines
from s2i.imaging.pixels.contact_sheet import contact_sheet
from s2i.imaging.pixels.layouts import ink_to_comfy
from s2i.imaging.pixels.sizes import resize_area, working_shape
from s2i.pipeline import SketchToImage

SIDE = st.integers(16, 90)
FEW = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=40, deadline=None, derandomize=True)


@cache
def model() -> SketchToImage:
    return SketchToImage.from_config(ModelConfig.tiny(), seed=1)


def drawing(batch: int, h: int, w: int) -> torch.Tensor:
    return (torch.rand(batch, 1, h, w, generator=torch.Generator().manual_seed(h * w)) > 0.9).float()


def picture(batch: int, h: int, w: int) -> torch.Tensor:
    return torch.rand(batch, 3, h, w, generator=torch.Generator().manual_seed(h + w)) * 2 - 1


@FEW
@given(SIDE, SIDE, SIDE, SIDE)
def test_the_picture_has_the_drawings_size_whatever_the_references(h, w, a, b):
    image = model()(drawing(1, h, w), picture(1, a, b))
    assert image.shape == (1, 3, h, w) and torch.isfinite(image).all() and image.abs().max() <= 1


@FEW
@given(SIDE, SIDE, SIDE, SIDE)
def test_any_output_size_can_be_had(h, w, a, b):
    assert model()(drawing(1, h, w), picture(1, 32, 32), size=(a, b)).shape == (1, 3, a, b)


@FEW
@given(SIDE, SIDE)
def test_the_extracted_sketch_is_ink_of_the_pictures_size(h, w):
    ink = model().extract_sketch(picture(1, h, w))
    assert ink.shape == (1, 1, h, w) and ink.min() >= 0 and ink.max() <= 1


@FEW
@given(st.lists(st.integers(1, 3), min_size=1, max_size=3), st.integers(0, 2**40))
def test_however_a_batch_is_split_each_picture_is_the_same(parts, seed):
    total = sum(parts)
    inks, references = drawing(total, 40, 33), picture(total, 24, 30)
    engine = model()
    whole = engine(inks, references, seed=seed)
    start, pieces = 0, []
    for n in parts:
        pieces.append(engine(inks[start : start + n], references[start : start + n], seed=seed + start))
        start += n
    assert torch.equal(torch.cat(pieces), whole)


@pytest.mark.parametrize(("h", "w"), [(16, 1200), (900, 16)])
def test_a_ribbon_is_a_picture_too(h, w):
    assert model()(drawing(1, h, w), picture(1, 32, 32)).shape == (1, 3, h, w)


@MANY
@given(st.integers(16, 16384), st.integers(16, 16384), st.sampled_from([64, 256, 384]))
def test_no_draft_is_beyond_means(h, w, short):
    a, b = working_shape(h, w, short)
    assert min(a, b) >= 16 and a * b <= max(8 * short * short, h * w)


@MANY
@given(st.integers(1, 3), st.sampled_from([1, 3, 4]), SIDE, SIDE)
def test_ink_of_any_channel_count_is_ink(batch, channels, h, w):
    x = torch.ones(batch, h, w, channels)
    x[:, h // 2, :, : min(channels, 3)] = 0
    ink = comfy_to_ink(x)
    assert ink.shape == (batch, 1, h, w) and ink.min() >= 0 and ink.max() <= 1
    assert ink[:, :, h // 2].min() == 1, "the drawn line is full ink"
    again = comfy_to_ink(ink_to_comfy(ink))
    torch.testing.assert_close(again, ink, atol=1e-6, rtol=0)


@MANY
@given(SIDE, SIDE, SIDE, SIDE)
def test_resized_ink_is_ink_and_paper_stays_blank(h, w, a, b):
    ink = torch.cat([drawing(1, h, w), torch.zeros(1, 1, h, w)])
    small = resize_ink(ink, (a, b))
    assert small.shape == (2, 1, a, b) and small.min() >= 0 and small.max() <= 1 and small[1].max() == 0
    torch.testing.assert_close(small[:1], resize_ink(ink[:1], (a, b)), atol=0, rtol=0)


@MANY
@given(SIDE, SIDE, SIDE, SIDE)
def test_resizing_keeps_a_flat_colour_flat(h, w, a, b):
    flat = torch.full((1, 3, h, w), 0.25)
    torch.testing.assert_close(resize_area(flat, (a, b)), torch.full((1, 3, a, b), 0.25))


@MANY
@given(SIDE, SIDE, st.floats(0, 1))
def test_lines_darken_only_where_there_is_ink(h, w, opacity):
    image, ink = picture(1, h, w), drawing(1, h, w)
    lined = lay_lines(image, ink, opacity)
    paper = (ink == 0).expand_as(image)
    assert torch.equal(lined[paper], image[paper]) and lined.abs().max() <= 1


@MANY
@given(SIDE, SIDE, st.floats(0.05, 1))
def test_polarity_is_found_on_either_paper(h, w, thickness):
    """Less than half of the sheet is line."""
    image = torch.ones(1, 3, h, w)
    image[..., : max(1, int(h * 0.4 * thickness)), :] = -1
    torch.testing.assert_close(to_ink(image), to_ink(-image), atol=1e-5, rtol=0)


@MANY
@given(st.integers(1, 3), st.integers(1, 4), st.integers(16, 40), SIDE, SIDE)
def test_a_contact_sheet_holds_every_tile(rows, columns, tile, h, w):
    sheet = contact_sheet([[picture(1, h, w)] * columns] * rows, tile)
    assert sheet.shape == (1, 3, rows * (tile + 4) - 4, columns * (tile + 4) - 4)
