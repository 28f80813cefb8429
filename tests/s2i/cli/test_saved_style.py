"""A style that was mixed is kept in a file, and the file stands wherever a reference does."""

from __future__ import annotations

import base64
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from s2i.cli.main import main
from s2i.imaging.files.picture_files import load_image
from s2i.pipeline import SketchToImage


@pytest.fixture(scope="module")
def desk(tmp_path_factory, bundle) -> Path:
    """A folder with a tiny model, a sketch and two references."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copy(bundle, folder / "tiny.safetensors")
    sketch = Image.new("L", (64, 48), 255)
    sketch.paste(0, (10, 10, 12, 40))
    sketch.save(folder / "s.png")
    rng = np.random.default_rng(0)
    for name, low in (("a", 0), ("b", 120)):
        Image.fromarray(rng.integers(low, low + 120, (40, 40, 3), np.uint8)).save(folder / f"{name}.png")
    return folder


def run(desk: Path, command: str, *arguments: object) -> int:
    return main([command, *map(str, arguments), "--model", str(desk / "tiny.safetensors")])


def test_a_kept_style_paints_as_its_mixture_did(desk):
    kept = desk / "kept.safetensors"
    both = desk / "a.png", desk / "b.png"
    assert run(desk, "mix", desk / "s.png", *both, "-o", desk / "m.png", "--save-style", kept) == 0
    assert run(desk, "paint", desk / "s.png", kept, "-o", desk / "p.png") == 0
    assert run(desk, "mix", desk / "s.png", kept, "-o", desk / "again.png") == 0
    mixed, painted, again = (load_image(desk / f"{name}.png") for name in ("m", "p", "again"))
    assert torch.equal(mixed, painted) and torch.equal(mixed, again)
    assert run(desk, "paint", desk / "s.png", desk / "a.png", "-o", desk / "plain.png") == 0
    assert not torch.equal(load_image(desk / "plain.png"), mixed)


def test_a_sheet_shows_styles_beside_pictures(desk, tmp_path):
    """In the order of their names, as for pictures; a model in the folder is no style."""
    for name in ("a.png", "tiny.safetensors"):
        shutil.copy(desk / name, tmp_path)
    model = SketchToImage.from_pretrained(str(desk / "tiny.safetensors"))
    style = model.encode_style(load_image(desk / "b.png"))
    swatch = io.BytesIO()
    Image.new("RGB", (64, 64), (10, 200, 30)).save(swatch, "JPEG")
    style.save(tmp_path / "bare.safetensors")
    style.save(tmp_path / "shown.safetensors", base64.b64encode(swatch.getvalue()).decode())
    assert run(desk, "grid", desk / "s.png", tmp_path, "-o", tmp_path / "sheet.png", "--tile", 64) == 0
    sheet = np.asarray(Image.open(tmp_path / "sheet.png")).astype(int)
    assert sheet.shape == (2 * 68 - 4, 4 * 68 - 4, 3), "one drawing, three references"
    top, bottom = ([row[:64, 68 * i : 68 * i + 64] for i in range(1, 4)] for row in (sheet, sheet[68:]))
    bare = top[1]
    assert np.ptp(bare.reshape(-1, 3), 0).max() > 20 and (bare[0] == bare[-1]).all(), "its colours, from left to right"
    assert bare[:, 0].sum() < bare[:, -1].sum()
    assert np.abs(bare.mean((0, 1)) - np.asarray(Image.open(desk / "b.png")).mean((0, 1))).max() < 12
    assert np.abs(top[2] - (10, 200, 30)).max() < 8, "its swatch"
    assert np.array_equal(bottom[1], bottom[2]) and not np.array_equal(bottom[0], bottom[1])


def test_a_file_of_several_styles_is_no_reference(desk, capsys):
    model = SketchToImage.from_pretrained(str(desk / "tiny.safetensors"))
    style = model.encode_style(load_image(desk / "b.png"))
    style.cat([style, style]).save(desk / "pair.safetensors")
    for command in ("paint", "grid"):
        assert run(desk, command, desk / "s.png", desk / "pair.safetensors", "-o", desk / "x.png") == 1
        assert "pair.safetensors holds 2 styles, and a reference is one" in capsys.readouterr().err


def test_what_cannot_be_is_one_sentence(desk, capsys):
    mix = desk / "s.png", desk / "a.png", "-o", desk / "x.png", "--save-style"
    assert run(desk, "mix", *mix, desk / "style.png") == 1
    assert "style.png.safetensors" in capsys.readouterr().err
    assert run(desk, "mix", *mix, desk / "tiny.safetensors") == 1
    assert "would replace" in capsys.readouterr().err
    assert run(desk, "paint", desk / "s.png", desk / "tiny.safetensors", "-o", desk / "x.png") == 1
    assert "not a style file" in capsys.readouterr().err
    assert run(desk, "mix", *mix, desk / "one.safetensors") == 0
    painted = desk / "s.png", desk / "one.safetensors", "-o", desk / "x.png"
    assert run(desk, "paint", *painted, "--mask", desk / "a.png") == 1
    assert "--mask needs a picture" in capsys.readouterr().err
