"""XDoG and Canny: against scikit-image on real photographs, and on drawn cases whose answer is known."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from s2i.errors import S2IError
from s2i.imaging.edges.canny import canny
from s2i.imaging.edges.xdog import xdog

data = pytest.importorskip("skimage.data")
from skimage import color, feature  # noqa: E402


def photo(name, top=0, left=0, side=240):
    picture = getattr(data, name)()
    picture = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, 2)
    return picture[top : top + side, left : left + side + 17]


def as_image(picture):
    return torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None] / 127.5 - 1


@pytest.mark.parametrize("name, top, left", [("camera", 20, 100), ("coins", 0, 50), ("page", 0, 60), ("text", 0, 100)])
@pytest.mark.parametrize("sigma, low, high", [(1.4, 0.1, 0.2), (2.5, 0.05, 0.3)])
def test_canny_is_scikit_images(name, top, left, sigma, low, high):
    picture = photo(name, top, left, 160)
    ours = canny(as_image(picture), sigma=sigma, low=low, high=high)[0, 0].numpy() > 0
    theirs = feature.canny(color.rgb2gray(picture), sigma=sigma, low_threshold=low, high_threshold=high)
    assert theirs.any()
    assert (ours & theirs).sum() / (ours | theirs).sum() >= 0.98


def test_canny_in_a_batch_is_canny_alone():
    batch = torch.cat([as_image(photo("camera", 20, 100, 96)), as_image(photo("coins", 0, 50, 96))])
    assert torch.equal(canny(batch)[1:], canny(batch[1:]))


def test_canny_follows_a_long_faint_line_from_its_strong_end():
    """Hysteresis has to walk all the way: 400 pixels, far more than one round of growth."""
    image = -torch.ones(1, 3, 32, 420)
    image[:, :, 16:] += torch.linspace(1.2, 0.3, 420)
    found = canny(image, low=0.15, high=1.2)
    assert found[0, 0, 13:19, 390:400].any(0).all()
    assert not canny(image[..., 200:], low=0.15, high=1.2).any()


def step(contrast):
    image = torch.full((1, 3, 48, 48), 0.6)
    image[..., 24:] = 0.6 - contrast
    return image


def test_xdog_draws_an_edge_on_its_dark_side_and_leaves_the_rest_blank():
    ink = xdog(step(0.4))
    assert ink.shape == (1, 1, 48, 48) and ink.min() >= 0 and ink.max() <= 1
    assert ink[0, 0, 24, 24] > 0.9
    assert ink[..., :20].max() < 0.01


def test_xdog_parameters_do_what_they_say():
    image = step(0.4)
    assert xdog(image, sigma=2.5)[0, 0, 24].sum() > xdog(image, sigma=0.8)[0, 0, 24].sum() + 1  # broader line
    assert xdog(image, p=0.0).sum() < 0.1 * xdog(image).sum()  # tone alone: nothing here is darker than epsilon
    assert xdog(image, epsilon=0.7)[..., 30:].mean() > xdog(image)[..., 30:].mean() + 0.2  # darker side fills
    soft, hard = xdog(image, phi=1.0), xdog(image, phi=200.0)
    assert ((hard > 0.05) & (hard < 0.95)).sum() < ((soft > 0.05) & (soft < 0.95)).sum()
    assert not torch.equal(xdog(image, k=1.6), xdog(image, k=3.0))


@pytest.mark.parametrize("draw, wrong", [(xdog, {"sigma": 0.0}), (xdog, {"k": 1.0}), (xdog, {"phi": -1.0}),
                                         (canny, {"low": 0.3, "high": 0.2}), (canny, {"sigma": -1.0})])
def test_parameters_out_of_range_are_named(draw, wrong):
    with pytest.raises(S2IError, match=next(iter(wrong))):
        draw(step(0.4), **wrong)


def test_neither_needs_anything_but_torch():
    """In an interpreter of its own, where the optional packages cannot be imported."""
    code = ("import sys\n"
            "for name in ('torchvision', 'h5py', 'skimage', 'scipy', 'accelerate'): sys.modules[name] = None\n"
            "import s2i.imaging.edges.xdog, s2i.imaging.edges.canny, s2i.models.sketch_extractor\n")
    subprocess.run([sys.executable, "-c", code], check=True)
