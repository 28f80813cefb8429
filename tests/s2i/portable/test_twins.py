"""What is computed in numpy is what training and the pipeline compute in torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from s2i.errors import S2IError
from s2i.imaging.files.picture_files import load_alpha, load_image, load_ink, load_reference
from s2i.imaging.hints.hint_layer import hints_from_layer
from s2i.imaging.hints.hint_spread import obey_hints
from s2i.imaging.hints.hints import hint_cells, resize_hints
from s2i.imaging.ink import ink as torch_ink
from s2i.imaging.ink.lines import lay_lines
from s2i.imaging.palettes.reference_palette import colour_moments
from s2i.imaging.pixels.sizes import resize_area, working_shape
from s2i.imaging.regions.region_facts import region_facts
from s2i.portable import hints, ink, painter, pictures, sizes
from s2i.portable.region_facts import region_facts as portable_facts

SKETCHES = ["alice", "dog", "elephant", "horse", "house", "walker"]


def apart(array: np.ndarray, tensor: torch.Tensor) -> float:
    assert array.dtype == np.float32
    assert array.shape == tuple(tensor.shape)
    return float(np.abs(array - tensor.numpy()).max())


@pytest.mark.parametrize("size", [(50, 40), (13, 20), (200, 30), (202, 154), (101, 77)])
def test_resizing(size):
    x = torch.rand(1, 3, 101, 77, generator=torch.Generator().manual_seed(0))
    assert apart(sizes.resize_area(x.numpy(), size), resize_area(x, size)) < 1e-5
    assert apart(sizes.enlarge(x.numpy(), size), F.interpolate(x, size, mode="bicubic")) < 1e-4


@pytest.mark.parametrize("shape", [(512, 512), (480, 853), (16, 9000), (1333, 2000)])
def test_working_sizes(shape):
    assert sizes.working_shape(*shape, 256) == working_shape(*shape, 256)


@pytest.mark.parametrize("name", SKETCHES)
def test_drawings_and_their_facts(name):
    path = f"art/sketches/{name}.png"
    read, expected = ink.layer_to_ink(*pictures.read(path)), load_ink(path)
    assert apart(read, expected) < 1e-5
    small, expected = ink.resize_ink(read, (256, 224)), torch_ink.resize_ink(expected, (256, 224))
    assert apart(small, expected) < 5e-5
    facts = region_facts(expected, 4)
    assert apart(portable_facts(small, 4), facts) < 2e-4
    assert facts.std() > 0.1


def test_drawings_on_transparent_layers(tmp_path):
    from PIL import Image

    sheet = np.zeros((64, 64, 4), np.uint8)
    for name, tone in (("dark", 0), ("light", 255)):
        sheet[20:24, 5:60] = (tone, tone, tone, 255)
        Image.fromarray(sheet).save(path := tmp_path / f"{name}.png")
        assert apart(ink.layer_to_ink(*pictures.read(path)), load_ink(path)) < 1e-5
        assert apart(pictures.read(path)[1], load_alpha(path)) == 0
    with pytest.raises(S2IError, match="no lines"):
        ink.layer_to_ink(np.ones((1, 3, 32, 32), np.float32), None)


def test_dabs():
    ink = torch_ink.resize_ink(load_ink("art/sketches/house.png"), (192, 224))
    draft = resize_area(load_image("art/references/coast.jpg"), (192, 224))
    layer = torch.zeros(1, 4, 384, 448)
    for (y, x), colour in {(80, 80): (0.8, 0.1, 0.2), (200, 300): (0.1, 0.4, 0.7)}.items():
        layer[0, :, y : y + 19, x : x + 23] = torch.tensor([*colour, 0.8])[:, None, None]
    colour, alpha = layer[:, :3], layer[:, 3:]
    taken, expected = hints.hints_from_layer(colour.numpy(), alpha.numpy()), hints_from_layer(colour * 2 - 1, alpha)
    assert apart(taken, expected) < 1e-6
    small, expected = hints.resize_hints(taken, (192, 224)), resize_hints(expected, (192, 224))
    assert apart(small, expected) < 1e-5
    assert apart(hints.hint_cells(small, (48, 56)), hint_cells(expected, (48, 56))) < 1e-5
    obeyed = obey_hints(draft, ink, expected)
    assert (obeyed - draft).abs().max() > 0.3
    assert apart(hints.obey_hints(draft.numpy(), ink.numpy(), small), obeyed) < 1e-3
    for flat in (0, 1):
        with pytest.raises(S2IError, match=r"dab some|cover the whole"):
            hints.hints_from_layer(colour.numpy(), np.full_like(alpha.numpy(), flat))


def test_cut_out_references(tmp_path):
    from PIL import Image

    from tests.s2i.imaging.files.test_picture_files import cut_out

    path = cut_out(tmp_path / "r.png", (0, 90, 255))
    for found, expected in zip(pictures.read_reference(path), load_reference(path), strict=True):
        assert apart(found, expected) < 1e-5
    with pytest.raises(S2IError, match="all transparent"):
        Image.new("RGBA", (32, 32)).save(tmp_path / "n.png")
        pictures.read_reference(tmp_path / "n.png")


def test_a_picture_that_does_not_fit_is_refused_with_the_number(tmp_path, monkeypatch):
    from PIL import Image

    Image.new("1", (4000, 5000)).save(tmp_path / "large.png")
    monkeypatch.setattr("s2i.machine.memory.free_memory", lambda: 10**8)
    with pytest.raises(S2IError, match=r"large\.png has 4000x5000 pixels; reading it takes about 0\.8 GB"):
        pictures.read(tmp_path / "large.png")


def test_colours_and_lines():
    image = load_image("art/references/temple.jpg")
    colour, alpha = pictures.read("art/references/temple.jpg")
    assert alpha is None
    assert apart(colour * 2 - 1, image) == 0
    weight = torch.rand(1, 1, *image.shape[-2:], generator=torch.Generator().manual_seed(1))
    for found, expected in zip(painter.colour_moments(image.numpy(), weight.numpy()), colour_moments(image, weight),
                               strict=True):
        assert apart(found, expected) < 2e-5
    assert apart(ink.lay_lines(image.numpy(), weight.numpy(), 0.6), lay_lines(image, weight, 0.6)) < 1e-5
