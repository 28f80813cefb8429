"""Layer files open in a reader that is not ours, with the lines bit for bit."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile

import numpy as np
import pytest
from PIL import Image

from s2i.errors import S2IError
from s2i.imaging.files.open_raster import MULTIPLY, Layer, write_open_raster


@pytest.fixture
def layers():
    rng = np.random.default_rng(0)
    paint = rng.integers(0, 255, (48, 64, 3), np.uint8)
    lines = np.where(rng.random((48, 64, 1)) < 0.2, rng.integers(0, 99, (48, 64, 3)), 255).astype(np.uint8)
    region = np.concatenate([paint, rng.integers(0, 255, (48, 64, 1), np.uint8)], 2)
    return [
        Layer("paper", np.full_like(paint, 255)), Layer("painting", paint), Layer('region "1" & more', region),
        Layer("hints", region, visible=False, opacity=0.5), Layer("lines", lines, blend=MULTIPLY),
    ]  # fmt: skip


def test_another_reader_finds_every_layer_and_every_bit(layers, tmp_path):
    pyora = pytest.importorskip("pyora", reason="pip install pyora")
    path = tmp_path / "out.ora"
    write_open_raster(path, layers, layers[1].pixels)
    project = pyora.Project.load(str(path))
    assert project.dimensions == (64, 48)
    read = {layer.name: layer for layer in project.children}
    assert set(read) == {layer.name for layer in layers}
    for layer in layers:
        found = np.asarray(read[layer.name].get_image_data(raw=True).convert("RGBA"))
        assert np.array_equal(found[..., : layer.pixels.shape[2]], layer.pixels)
    assert read["lines"].composite_op == MULTIPLY and not read["hints"].visible and read["hints"].opacity == 0.5
    assert [child.name for child in project.children][-1] in ("lines", "paper")


@pytest.mark.skipif(not (shutil.which("krita") and shutil.which("xvfb-run")), reason="apt-get install krita xvfb xauth")
def test_krita_opens_it_and_saves_the_same_layers(layers, tmp_path):
    pyora = pytest.importorskip("pyora", reason="pip install pyora")
    write_open_raster(tmp_path / "ours.ora", layers, layers[1].pixels)
    command = ["xvfb-run", "-a", "krita", "--nosplash", "--export", "--export-filename"]
    options = {"env": {**os.environ, "HOME": str(tmp_path)}, "capture_output": True, "timeout": 120}
    for name in ("krita.ora", "krita.png"):
        subprocess.run([*command, tmp_path / name, tmp_path / "ours.ora"], **options)
    read = {layer.name: layer for layer in pyora.Project.load(str(tmp_path / "krita.ora")).children}
    assert set(read) == {layer.name for layer in layers}
    for layer in (layers[1], layers[4]):
        found = np.asarray(read[layer.name].get_image_data(raw=True).convert("RGB"))
        assert np.array_equal(found, layer.pixels), layer.name
    assert read["lines"].composite_op == MULTIPLY and not read["hints"].visible
    # What Krita shows: the region over the painting, the lines multiplied in.
    region = layers[2].pixels.astype(float)
    alpha = region[..., 3:] / 255
    shown = (layers[1].pixels * (1 - alpha) + region[..., :3] * alpha) * layers[4].pixels / 255
    assert np.abs(np.asarray(Image.open(tmp_path / "krita.png").convert("RGB")) - shown).max() < 2


def test_the_file_has_the_formats_order(layers, tmp_path):
    path = tmp_path / "out.ora"
    write_open_raster(path, layers, layers[1].pixels)
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
        assert first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
        assert archive.read("mimetype") == b"image/openraster"
        assert {"stack.xml", "mergedimage.png", "Thumbnails/thumbnail.png"} <= set(archive.namelist())
        stack = archive.read("stack.xml").decode()
    assert stack.index('name="lines"') < stack.index('name="painting"') < stack.index('name="paper"')


def test_layers_of_another_size_are_named(layers, tmp_path):
    extra = Layer("extra", np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(S2IError, match="'extra' is 8x8"):
        write_open_raster(tmp_path / "a.ora", [*layers, extra], layers[1].pixels)
    assert not list(tmp_path.iterdir())
