"""The picture is the same picture at every size: the bundled model at 1024² and at 256²."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab

from s2i.imaging.files.picture_files import load_image, load_ink
from s2i.imaging.ink.ink import resize_ink
from s2i.imaging.pixels.layouts import image_to_uint8
from s2i.imaging.pixels.sizes import resize_area
from s2i.pipeline import SketchToImage

EXAMPLES = Path(__file__).parents[2] / "art"
# In CIELAB two colours are just told apart at a distance of about 2.3 (Mahy et al. 1994). The mean over a picture's
# areas has to stay below it: within them each size has strokes and lines of its own fineness. Pixel by pixel twice as
# much may differ, and less than between two seeds' strokes: each lies where it lies at every size.
NOTICEABLE = 2.3
AREAS, PIXELS = (32, 32), (256, 256)


@pytest.fixture(scope="module")
def model() -> SketchToImage:
    return SketchToImage.from_pretrained()


def paint(model: SketchToImage, pair: tuple[str, str], side: int, **options: object) -> torch.Tensor:
    """At side². The drawing itself is resized: by `size` alone, both pictures would start from one and the same ink."""
    sketch, reference = pair
    ink = resize_ink(load_ink(EXAMPLES / "sketches" / f"{sketch}.png"), (side, side))
    return model(ink, load_image(EXAMPLES / "references" / f"{reference}.jpg"), **options)


def lab_distance(a: torch.Tensor, b: torch.Tensor, size: tuple[int, int] = AREAS) -> float:
    """Mean distance in CIELAB (CIE 1976) of the mean colours of two pictures' areas, `size` of them."""
    x, y = (rgb2lab(image_to_uint8(resize_area(image, size))) for image in (a, b))
    return float(np.linalg.norm(x - y, axis=-1).mean())


@pytest.mark.parametrize("pair", [("horse", "coast"), ("alice", "carnival")], ids="-".join)
def test_a_large_output_shrunk_is_the_small_output(model, pair):
    large, small, other = paint(model, pair, 1024), paint(model, pair, 256), paint(model, pair, 256, seed=9)
    assert lab_distance(large, small) < NOTICEABLE
    assert lab_distance(large, small, PIXELS) < min(2 * NOTICEABLE, 0.8 * lab_distance(other, small, PIXELS))


def test_the_bound_tells_other_pictures_apart(model):
    """What a draft at the output's own size would do, which the working size is there to prevent; and other colours."""
    pair = ("alice", "carnival")
    small = paint(model, pair, 256)
    assert lab_distance(paint(model, pair, 1024, working_size=512), small) > NOTICEABLE
    assert lab_distance(paint(model, ("alice", "coast"), 256), small) > NOTICEABLE
