"""No ink is lost at any door: transparent layers in every mode, Load Image's mask, and blank sheets that are named."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from s2i.imaging.files.picture_files import load_ink
from s2i.imaging.ink.drawing_ink import NoInkError, check_lines, comfy_to_ink, layer_to_ink

SIDE = 64


def lines() -> np.ndarray:
    """Where the drawing's lines are, (SIDE,SIDE) bool: a cross, five pixels wide."""
    drawn = np.zeros((SIDE, SIDE), bool)
    drawn[30:35, 8:56] = drawn[8:56, 30:35] = True
    return drawn


def agrees(ink: torch.Tensor) -> bool:
    found, drawn = ink[0, 0].numpy(), lines()
    return bool(found[drawn].min() > 0.8 and found[~drawn].max() < 0.1)


def layer(ink: int, hidden: int = 0, alpha: int = 255) -> Image.Image:
    drawn = lines()
    data = np.full((SIDE, SIDE, 4), hidden, np.uint8)
    data[drawn, :3] = ink
    data[..., 3] = np.where(drawn, alpha, 0)
    return Image.fromarray(data)


LAYERS = {
    "black on black that is transparent": layer(0, 0),
    "black on white that is transparent": layer(0, 255),
    "white on black that is transparent": layer(255, 0),
    "white on white that is transparent": layer(255, 255),
    "grey ink": layer(96, 0),
    "half-transparent black": layer(0, 0, 160),
    "LA black": layer(0).convert("LA"),
    "LA white": layer(255, 255).convert("LA"),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
def test_a_transparent_layer_reads_as_on_white(tmp_path, name, suffix):
    options = {"lossless": True, "exact": True} if suffix == "webp" else {}
    LAYERS[name].save(tmp_path / f"d.{suffix}", **options)
    assert agrees(load_ink(tmp_path / f"d.{suffix}"))


@pytest.mark.parametrize("mode", ["P", "L", "1"])
def test_a_transparent_colour_is_paper(tmp_path, mode):
    picture = Image.fromarray(np.where(lines(), 0, 255).astype(np.uint8)).convert(mode)
    picture.save(tmp_path / "d.png", transparency=255 if mode != "P" else picture.getpixel((0, 0)))
    assert agrees(load_ink(tmp_path / "d.png"))


def test_a_cut_out_figure_keeps_its_dark_lines(tmp_path):
    """White paint under black lines, nothing around: the usual export of a coloured character."""
    data = np.zeros((SIDE, SIDE, 4), np.uint8)
    data[10:54, 10:40] = 255
    data[lines()] = (0, 0, 0, 255)
    Image.fromarray(data).save(tmp_path / "d.png")
    ink = load_ink(tmp_path / "d.png")[0, 0].numpy()
    assert ink[lines()].min() > 0.8 and ink[12:28, 12:28].max() < 0.1


def test_white_lines_on_black_paper_with_round_corners_stay_lines(tmp_path):
    data = np.zeros((SIDE, SIDE, 4), np.uint8)
    data[..., 3] = 255
    data[lines(), :3] = 255
    data[:4, :4] = 0
    Image.fromarray(data).save(tmp_path / "d.png")
    assert load_ink(tmp_path / "d.png")[0, 0].numpy()[lines()].min() > 0.8


@pytest.mark.parametrize(("ink", "polarity"), [(0, "dark_lines"), (255, "light_lines")])
def test_polarity_can_be_forced_on_a_layer(tmp_path, ink, polarity):
    layer(ink, 255 - ink).save(tmp_path / "d.png")
    assert agrees(load_ink(tmp_path / "d.png", polarity))


def as_load_image(picture: Image.Image) -> tuple[torch.Tensor, torch.Tensor]:
    """What ComfyUI's Load Image makes of it: colour without alpha, and a mask of what is transparent."""
    data = torch.from_numpy(np.asarray(picture.convert("RGBA")).astype(np.float32) / 255)
    return data[None, ..., :3], 1 - data[None, None, ..., 3]


@pytest.mark.parametrize("name", LAYERS)
def test_load_images_mask_brings_the_drawing_back(name):
    image, mask = as_load_image(LAYERS[name])
    check_lines(image, "sketch", mask)
    assert agrees(comfy_to_ink(image, mask=mask))
    four = torch.cat([image, 1 - mask[:, 0, ..., None]], -1)
    assert torch.equal(comfy_to_ink(four), comfy_to_ink(image, mask=mask)), "and so does a fourth channel"


def test_without_the_mask_it_is_said_what_is_missing():
    image, _ = as_load_image(LAYERS["black on black that is transparent"])
    with pytest.raises(NoInkError, match="connect Load Image's mask to sketch_mask"):
        check_lines(image)


def test_one_blank_frame_among_others_is_a_frame():
    image, mask = as_load_image(LAYERS["black on white that is transparent"])
    pair = torch.cat([torch.ones_like(image), image])
    check_lines(pair)
    assert comfy_to_ink(pair)[0].max() < 0.05
    masks = torch.cat([torch.ones_like(mask), mask])
    assert agrees(comfy_to_ink(pair, mask=masks)[1:])


@pytest.mark.parametrize("tone", [0, 128, 255])
@pytest.mark.parametrize("alpha", [None, 0, 255])
def test_a_drawing_without_a_line_is_named(tmp_path, tone, alpha):
    colour = (tone,) * 3 if alpha is None else (tone, tone, tone, alpha)
    Image.new("RGB" if alpha is None else "RGBA", (40, 40), colour).save(tmp_path / "blank.png")
    with pytest.raises(NoInkError, match=r"blank\.png has no lines"):
        load_ink(tmp_path / "blank.png")


@pytest.mark.parametrize("values", [(0, 4095), (100, 1020), (0.0, 1.4), (-0.1, 3.0)])
def test_lines_of_deep_files_are_ink(tmp_path, values):
    drawn = np.where(lines(), values[0], values[1])
    Image.fromarray(drawn.astype(np.float32 if isinstance(values[1], float) else np.uint16)).save(tmp_path / "d.tif")
    assert agrees(load_ink(tmp_path / "d.tif"))


def test_a_batch_of_layers_is_read_picture_by_picture():
    layers = [np.asarray(LAYERS[n].convert("RGBA")) for n in LAYERS]
    batch = torch.from_numpy(np.stack(layers).astype(np.float32) / 255).permute(0, 3, 1, 2)
    ink = layer_to_ink(batch[:, :3], batch[:, 3:])
    for i in range(len(batch)):
        assert torch.equal(ink[i : i + 1], layer_to_ink(batch[i : i + 1, :3], batch[i : i + 1, 3:]))
