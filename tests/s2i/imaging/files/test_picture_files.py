"""Pictures in and out: every kind of file, and every kind of damage."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from s2i.errors import S2IError
from s2i.imaging.files.picture_files import load_alpha, load_image, load_reference, save_image
from s2i.imaging.ink.ink import resize_ink, to_ink
from s2i.imaging.pixels.layouts import comfy_to_image, image_to_comfy
from s2i.imaging.pixels.padding import crop_to, pad_to_multiple
from s2i.imaging.pixels.sizes import resize_area, working_shape


def save(path, mode: str, color, size=(40, 24), **options):
    Image.new(mode, size, color).save(path, **options)
    return path


@pytest.mark.parametrize(
    ("name", "mode", "color", "expected"),
    [
        ("rgb.png", "RGB", (255, 0, 0), (1, -1, -1)),
        ("grey.png", "L", 128, (0.004, 0.004, 0.004)),
        ("sixteen.png", "I;16", 32768, (0, 0, 0)),
        ("bilevel.png", "1", 1, (1, 1, 1)),
        ("rgba.png", "RGBA", (0, 0, 255, 255), (-1, -1, 1)),
        ("clear.png", "RGBA", (0, 0, 0, 0), (1, 1, 1)),
        ("grey_alpha.png", "LA", (0, 0), (1, 1, 1)),
        ("cmyk.jpg", "CMYK", (0, 255, 255, 0), (1, -1, -1)),
        ("picture.webp", "RGB", (0, 255, 0), (-1, 1, -1)),
    ],
)
def test_every_kind_of_picture_is_read_right(tmp_path, name, mode, color, expected):
    image = load_image(save(tmp_path / name, mode, color))
    assert image.shape == (1, 3, 24, 40) and image.dtype == torch.float32
    torch.testing.assert_close(image.mean((0, 2, 3)), torch.tensor(expected).float(), atol=0.08, rtol=0)


def test_palette_pictures_with_transparency(tmp_path):
    picture = Image.new("P", (32, 32), 0)
    picture.putpalette([10, 200, 30] + [0] * 765)
    picture.save(tmp_path / "p.png", transparency=0)
    assert load_image(tmp_path / "p.png").min() == 1, "what is transparent is paper"
    assert load_alpha(tmp_path / "p.png").max() == 0


def test_exif_orientation_is_applied(tmp_path):
    picture = Image.new("RGB", (40, 24), "white")
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(tmp_path / "turned.jpg", exif=exif)
    assert load_image(tmp_path / "turned.jpg").shape == (1, 3, 40, 24)


def _damage() -> dict[str, bytes]:
    whole = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(whole, "PNG")
    huge = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(huge, "PNG")
    dot = io.BytesIO()
    Image.new("RGB", (1, 1)).save(dot, "PNG")
    return {
        "empty.png": b"", "text.png": b"not a picture at all", "cut.png": whole.getvalue()[:2000],
        "dot.png": dot.getvalue(), "huge.png": huge.getvalue(),
    }


@pytest.mark.parametrize("name", ["empty.png", "text.png", "cut.png", "dot.png", "huge.png", "missing.png", "."])
def test_bad_files_are_refused_in_one_line_that_names_them(tmp_path, name):
    for file, data in _damage().items():
        (tmp_path / file).write_bytes(data)
    with pytest.raises(S2IError) as error:
        load_image(tmp_path / name)
    assert str(tmp_path / name) in str(error.value) and "\n" not in str(error.value)


def test_saving_is_whole_or_not_at_all(tmp_path):
    image = torch.rand(1, 3, 20, 30) * 2 - 1
    save_image(image, tmp_path / "out.png")
    assert (load_image(tmp_path / "out.png") - image).abs().max() < 1 / 127
    with pytest.raises(S2IError, match="nowhere"):
        save_image(image, tmp_path / "nowhere" / "out.png")
    with pytest.raises(S2IError, match="strange"):
        save_image(image, tmp_path / "out.strange")
    assert [p.name for p in tmp_path.iterdir()] == ["out.png"]


def test_alpha_survives_png(tmp_path):
    alpha = torch.zeros(1, 1, 20, 20)
    alpha[..., :10] = 1
    save_image(torch.zeros(1, 3, 20, 20), tmp_path / "a.png", alpha)
    assert torch.equal(load_alpha(tmp_path / "a.png"), alpha)
    with pytest.raises(S2IError, match="transparency"):
        save_image(torch.zeros(1, 3, 20, 20), tmp_path / "a.jpg", alpha)


def strokes(paper: float = 1.0, line: float = -1.0) -> torch.Tensor:
    image = torch.full((1, 3, 64, 64), paper)
    image[..., 30:33, 8:56] = line
    return image


def cut_out(path, hidden=(0, 0, 0)):
    """A red square with a half-transparent rim on nothing, where another colour hides."""
    layer = np.zeros((48, 64, 4), np.uint8)
    layer[..., :3] = hidden
    layer[10:30, 12:40] = (200, 30, 20, 128)
    layer[12:28, 14:38, 3] = 255
    Image.fromarray(layer).save(path)
    return path


@pytest.mark.parametrize("hidden", [(0, 0, 0), (255, 255, 255), (0, 90, 255)])
def test_what_is_transparent_has_no_part_in_a_reference(tmp_path, hidden):
    image, opaque = load_reference(cut_out(tmp_path / "r.png", hidden))
    assert opaque.shape == (1, 1, 48, 64) and opaque[0, 0, 20, 20] == 1 and opaque[0, 0, 0, 0] == 0
    red = torch.tensor([200, 30, 20]) / 127.5 - 1
    torch.testing.assert_close(image, red[None, :, None, None].expand_as(image), atol=1e-3, rtol=0)
    assert load_reference(save(tmp_path / "whole.png", "RGBA", (9, 9, 9, 255)))[1] is None
    with pytest.raises(S2IError, match=r"none\.png is all transparent"):
        load_reference(save(tmp_path / "none.png", "RGBA", (9, 9, 9, 0)))


@pytest.mark.parametrize(("paper", "line"), [(1.0, -1.0), (0.8, -0.6), (-1.0, 1.0), (-0.7, 0.9)])
def test_ink_is_found_on_any_paper_in_either_polarity(paper, line):
    ink = to_ink(strokes(paper, line))
    assert ink[..., 31, 20:40].min() > 0.9 and ink[..., :20, :].max() < 0.05


def test_polarity_can_be_forced():
    dark = strokes(-1.0, 1.0)
    assert to_ink(dark, "light_lines")[..., 31, 30] > 0.9
    with pytest.raises(S2IError, match="polarity"):
        to_ink(dark, "sideways")


@pytest.mark.parametrize("tone", [1.0, 0.6])
def test_a_blank_sheet_has_no_ink(tone):
    assert to_ink(torch.full((1, 3, 32, 32), tone)).max() < 0.05


def test_thin_lines_do_not_fade_when_a_drawing_shrinks():
    ink = torch.zeros(2, 1, 512, 512)
    ink[0, :, 255:257] = 1
    small = resize_ink(ink, (128, 128))
    assert small[0].max() > 0.6, "two pixels of 512 are half a pixel of 128"
    assert small[1].max() == 0, "and one drawing's lines do not strengthen another"
    plain = resize_area(ink, (128, 128))
    assert plain[0].max() < small[0].max()


@settings(max_examples=40, deadline=None)
@given(
    st.integers(16, 80),
    st.integers(16, 80),
    st.sampled_from([4, 8, 32]),
    st.sampled_from(["constant", "replicate"]),
)
def test_padding_and_cropping_undo_each_other(h, w, multiple, mode):
    x = torch.rand(1, 2, h, w)
    padded, size = pad_to_multiple(x, multiple, mode)
    assert padded.shape[-1] % multiple == padded.shape[-2] % multiple == 0
    assert torch.equal(crop_to(padded, size), x)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3), st.sampled_from([1, 3, 4]), st.integers(16, 40), st.integers(16, 40))
def test_comfy_layouts_come_back(batch, channels, h, w):
    x = torch.rand(batch, h, w, channels)
    image, alpha = comfy_to_image(x)
    assert image.shape == (batch, 3, h, w) and (alpha is None) == (channels != 4)
    if channels == 3:
        torch.testing.assert_close(image_to_comfy(image), x, atol=1e-6, rtol=0)


@settings(max_examples=30, deadline=None)
@given(st.integers(16, 4000), st.integers(16, 4000), st.integers(32, 512))
def test_the_working_shape_keeps_the_aspect(h, w, short):
    a, b = working_shape(h, w, short)
    if max(h, w) > 8 * min(h, w):
        assert 16 <= min(a, b) <= short and max(a, b) <= max(8 * short, h, w), "a ribbon's draft stays affordable"
    else:
        assert min(a, b) == short
    assert abs(a / b - h / w) <= 0.6 * max(h / w, 1) / min(a, b) * max(h / w, w / h)


def test_comfy_input_of_a_strange_shape_shows_it():
    with pytest.raises(S2IError, match="2, 20, 20, 2"):
        comfy_to_image(torch.rand(2, 20, 20, 2))
    with pytest.raises(S2IError, match="NaN"):
        comfy_to_image(torch.full((1, 20, 20, 3), float("nan")))
