"""`s2i export` and `s2i paint --runtime onnx`, where there is no torch."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from s2i import StyleCode
from s2i.cli.main import main
from tools.small_bundles import write_tiny_bundle

pytest.importorskip("onnx", reason="the extra onnx is not installed")
pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
SKETCH, REFERENCE = "art/sketches/horse.png", "art/references/coast.jpg"
# torch cannot be imported in this process.
_WITHOUT_TORCH = "import sys; sys.modules['torch'] = None; from s2i.cli.main import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return str(write_tiny_bundle(tmp_path_factory.mktemp("bundle") / "tiny.safetensors"))


@pytest.fixture(scope="module")
def exported(bundle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "onnx"
    assert main(["export", bundle, "--onnx", str(folder)]) == 0
    return str(folder)


def without_torch(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", _WITHOUT_TORCH, *arguments], capture_output=True, text=True)


def pixels(path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def test_the_same_command_paints_the_same_picture(bundle, exported, tmp_path):
    options = ["--seed", "4", "--size", "300", "--line-opacity", "0.3"]
    ours, theirs = tmp_path / "onnx.png", tmp_path / "torch.png"
    run = without_torch("paint", SKETCH, REFERENCE, "--runtime", "onnx", "--model", exported, "-o", str(ours), *options)
    assert run.returncode == 0, run.stderr
    assert main(["paint", SKETCH, REFERENCE, "--model", bundle, "--dtype", "fp32", "-o", str(theirs), *options]) == 0
    assert pixels(ours).shape == (300, 300, 3)
    assert np.abs(pixels(ours) - pixels(theirs)).max() <= 2


def test_dabs_and_palettes_need_no_torch(bundle, exported, tmp_path):
    dabs = np.zeros((240, 240, 4), np.uint8)
    dabs[100:130, 90:140] = (30, 60, 220, 255)
    Image.fromarray(dabs).save(tmp_path / "dabs.png")
    (tmp_path / "two.gpl").write_text("GIMP Palette\n#\n200 80 40\tclay 30%\n240 230 200\t\n")
    options = ["--size", "200", "--hints", str(tmp_path / "dabs.png"), "--palette", str(tmp_path / "two.gpl")]
    ours, theirs, plain = (tmp_path / f"{name}.png" for name in ("onnx", "torch", "plain"))
    run = without_torch("paint", SKETCH, REFERENCE, "--runtime", "onnx", "--model", exported, "-o", str(ours), *options)
    assert run.returncode == 0, run.stderr
    for target, more in ((theirs, options), (plain, options[:2])):
        assert main(["paint", SKETCH, REFERENCE, "--model", bundle, "--dtype", "fp32", "-o", str(target), *more]) == 0
    assert np.abs(pixels(ours) - pixels(theirs)).max() <= 2
    assert np.abs(pixels(theirs) - pixels(plain)).mean() > 10


def test_a_saved_style_needs_no_torch(bundle, exported, tmp_path):
    kept, ours, theirs = tmp_path / "kept.safetensors", tmp_path / "onnx.png", tmp_path / "torch.png"
    mixed = [REFERENCE, "art/references/dusk.jpg", "--weights", "2,1"]
    command = ["--model", bundle, "--dtype", "fp32", "--size", "200", "-o"]
    assert main(["mix", SKETCH, *mixed, *command, str(theirs), "--save-style", str(kept)]) == 0
    options = ["--runtime", "onnx", "--model", exported, "--size", "200", "-o", str(ours)]
    run = without_torch("paint", SKETCH, str(kept), *options)
    assert run.returncode == 0, run.stderr
    assert np.abs(pixels(ours) - pixels(theirs)).max() <= 2
    run = without_torch("paint", SKETCH, str(kept), *options, "--mask", REFERENCE)
    assert run.returncode == 1 and "--mask needs a picture" in run.stderr
    run = without_torch("paint", SKETCH, bundle, *options)
    assert run.returncode == 1 and "not a style file" in run.stderr
    style = StyleCode.load(kept)
    StyleCode.cat([style, style]).save(kept)
    run = without_torch("paint", SKETCH, str(kept), *options)
    assert run.returncode == 1 and "holds 2 styles" in run.stderr


def test_a_style_of_another_model_is_named(exported, tmp_path, capsys):
    import torch

    palette = torch.zeros(1, 3), torch.eye(3)[None]
    other = StyleCode(torch.zeros(1, 2, 7), torch.zeros(1, 3, 9), torch.ones(1, 3), *palette)
    other.save(path := tmp_path / "other.safetensors")
    base = ["paint", SKETCH, str(path), "--runtime", "onnx", "--model", exported, "-o", str(tmp_path / "p.png")]
    assert main(base) == 1
    assert "other.safetensors: this style was encoded by another model" in capsys.readouterr().err


def test_folders_and_reports(exported, tmp_path):
    run = without_torch("paint", "art/sketches", REFERENCE, "--runtime", "onnx", "--model", exported, "--size", "64",
                        "-o", str(tmp_path), "--json")
    assert run.returncode == 0, run.stderr
    assert len(json.loads(run.stdout)["done"]) == len(list(tmp_path.glob("*.png"))) > 5


@pytest.mark.parametrize(("arguments", "words"), [
    (["paint", SKETCH, REFERENCE], "needs torch: pip install 'sketch-to-image[torch]', or add --runtime onnx"),
    (["sketch", REFERENCE], "s2i sketch needs torch"),
    (["paint", SKETCH, REFERENCE, "--runtime", "onnx"], "needs --model DIR"),
    (["paint", SKETCH, REFERENCE, "--runtime", "onnx", "--model", "art"], "holds no exported model"),
    (["page", "art"], "holds no page"),
])
def test_what_is_missing_is_named(arguments, words):
    run = without_torch(*arguments)
    assert run.returncode == 1
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_damage_and_unknown_providers_are_named(exported, tmp_path, capsys):
    import shutil

    broken = shutil.copytree(exported, tmp_path / "broken")
    (broken / "painter.onnx").write_bytes(b"\x08\x08not a graph")
    base = ["paint", SKETCH, REFERENCE, "--runtime", "onnx", "-o", str(tmp_path / "p.png"), "--model"]
    assert main([*base, str(broken)]) == 1
    assert "painter.onnx cannot be run" in capsys.readouterr().err
    (broken / "model.json").write_text("{}")
    assert main([*base, str(broken)]) == 1
    assert "does not describe an exported model" in capsys.readouterr().err
    assert main([*base, exported, "--provider", "coreml"]) == 1
    assert "--provider coreml is not in this onnxruntime" in capsys.readouterr().err
