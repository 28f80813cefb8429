"""Training sees a drawing exactly as the pipeline's network does: read, cleaned and shrunk by the same rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from s2i import SketchToImage
from s2i.config import ModelConfig
from s2i.imaging.files.picture_files import load_ink
from train.data import unpaired_drawings
from train.data.painter_samples import PainterSampleMaker, PainterSamples, Role
from train.data.pictures import Record
from train.data.unpaired_drawings import UnpairedDrawings, drawing_ink
from train.errors import TrainError

SIZE = 64
EXAMPLES = sorted((Path(__file__).parents[3] / "art" / "sketches").glob("*.png"))
# Pages are kept in 8 bits, and the rule's gain is at most 4.
ROUNDING = 4 * 0.5 / 255 + 1e-6


@pytest.fixture(scope="module")
def model():
    return SketchToImage.from_config(ModelConfig.tiny(), seed=0)


def page(kind):
    """Square drawings of the kinds that people bring, uint8, black on white."""
    sheet = np.full((320, 320), 255, np.uint8)
    if kind == "solid blacks":
        sheet[40:200, 60:150], sheet[220:222, 20:300] = 0, 0
    elif kind == "hatching":
        sheet[::5], sheet[:, 100:102] = 40, 0
    elif kind == "faint pencil":
        sheet[:] = 231
        sheet[50:52, 10:300], sheet[10:300, 160:162] = 190, 205
    elif kind == "hairlines":
        sheet[100, 10:310], sheet[10:310, 37] = 0, 60
    elif kind == "chalk":
        sheet[:] = 20
        sheet[80:86, 20:300], sheet[20:300, 80:84] = 240, 200
    return sheet


KINDS = ("solid blacks", "hatching", "faint pencil", "hairlines", "chalk")


def pipeline_input(model, path):
    """What the content encoder is given for a drawing's file."""
    return model.encode_content(load_ink(path), working_size=SIZE).ink[0]


def taken_whole(path, monkeypatch, crops=None):
    """One sample of a folder that holds this drawing alone, of all of it."""
    monkeypatch.setattr(unpaired_drawings, "_SCALE", (1.0, 1.0))
    drawings = UnpairedDrawings([path], crops=crops)
    config = PainterSamples(size=SIZE, block=8)
    grey = Record("0" * 64, np.full((96, 96, 3), 128, np.uint8), np.zeros((0, 96, 96), np.uint8))
    other = replace(grey, key="1" * 64)
    maker = PainterSampleMaker(config, 3, drawings)
    number = [place.role for place in config.places()].index(Role.DRAWING)
    return maker([grey, other], number, np.random.default_rng(0))["ink"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_drawing(kind, model, tmp_path, monkeypatch):
    path = tmp_path / "page.png"
    Image.fromarray(page(kind)).save(path)
    expected, trained = pipeline_input(model, path), taken_whole(path, monkeypatch)
    assert trained.shape == expected.shape and trained.max() > 0.5
    assert min((trained - e).abs().max() for e in (expected, expected.flip(2))) <= ROUNDING


@pytest.mark.parametrize("example", EXAMPLES[:4], ids=lambda path: path.stem)
def test_drawings_that_ship(example, model, tmp_path, monkeypatch):
    path = tmp_path / "square.png"
    with Image.open(example) as file:
        side = min(file.size)
        file.crop((0, 0, side, side)).save(path)
    expected, trained = pipeline_input(model, path), taken_whole(path, monkeypatch)
    assert min((trained - e).abs().max() for e in (expected, expected.flip(2))) <= ROUNDING


def test_transparent_paper_is_paper(model, tmp_path, monkeypatch):
    layer = np.zeros((320, 320, 4), np.uint8)
    layer[100:106, 20:300, 3] = 255
    Image.fromarray(layer).save(tmp_path / "layer.png")
    expected, trained = pipeline_input(model, tmp_path / "layer.png"), taken_whole(tmp_path / "layer.png", monkeypatch)
    assert min((trained - e).abs().max() for e in (expected, expected.flip(2))) <= ROUNDING
    assert float((trained > 0.3).float().mean()) < 0.1


def test_only_what_the_table_leaves_of_a_drawing_is_seen(tmp_path, monkeypatch):
    sheet = page("solid blacks")
    sheet[300:310, 10:310] = 0  # a caption
    Image.fromarray(sheet).save(tmp_path / "captioned.png")
    ink = drawing_ink(tmp_path / "captioned.png", (0, 0, 320, 290))
    assert ink.shape == (1, 290, 320)
    assert torch.equal(ink, drawing_ink(tmp_path / "captioned.png")[:, :290])
    whole = taken_whole(tmp_path / "captioned.png", monkeypatch)
    path = tmp_path / "captioned.png"
    cropped = taken_whole(path, monkeypatch, {path: (0, 0, 290, 290)})
    assert whole[0, -4:].max() > 0.5 and cropped[0, -8:].max() < 0.05


def test_a_file_without_lines_is_named(tmp_path):
    Image.new("L", (64, 64), 255).save(tmp_path / "blank.png")
    (tmp_path / "broken.png").write_bytes(b"no")
    for name in ("blank.png", "broken.png"):
        with pytest.raises(TrainError, match=name):
            drawing_ink(tmp_path / name)
