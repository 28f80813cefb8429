"""An exported model from a stranger: its words are held to limits, its files to its folder, its numbers are numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from s2i.cli.main import main
from s2i.errors import S2IError
from s2i.portable.sidecar import read_sidecar

GOOD = {"working_size": 256, "multiple": 32, "stem": 4, "noise_strides": [32, 16, 8, 4, 2], "style_size": 256,
        "style_multiple": 32, "refiner_multiple": 16, "refiner_noise": 2, "refiner_stream": 64}  # fmt: skip


def write(folder, facts=None, files=None, **changes):
    networks = {name: {"file": f"{name}.onnx"} for name in ("style", "painter", "refiner")} | (files or {})
    words = {"format": "s2i-onnx", "format_version": 1, "facts": GOOD | (facts or {}), "networks": networks, **changes}
    (folder / "model.json").write_text(json.dumps(words))
    return folder


def test_a_good_one_is_read(tmp_path):
    facts, files = read_sidecar(write(tmp_path))
    assert facts == GOOD and files["style"] == tmp_path / "style.onnx"


@pytest.mark.parametrize(
    "facts",
    [{"style_size": 10**9}, {"stem": 0}, {"stem": True}, {"multiple": "32"}, {"working_size": 256.0},
     {"refiner_noise": -1}, {"noise_strides": 3}, {"noise_strides": [0]}, {"noise_strides": [1] * 99},
     {"noise_strides": [None]}, {"style_multiple": None}],
)  # fmt: skip
def test_numbers_beyond_all_models_are_refused(tmp_path, facts):
    with pytest.raises(S2IError, match=r"model\.json does not describe an exported model"):
        read_sidecar(write(tmp_path, facts))


@pytest.mark.parametrize("text", ["", "[" * 100_000, "[]", "null", '{"format": 1}', "\ud800", "{" * 9, "NaN"])
def test_words_that_are_no_description_are_refused(tmp_path, text):
    (tmp_path / "model.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(S2IError, match=r"model\.json does not describe"):
        read_sidecar(tmp_path)


@pytest.mark.parametrize("name", ["../secret.onnx", "/etc/x.onnx", "a/b.onnx", "..", "x.onnx\n", "C:x.onnx", 3, None])
def test_a_network_lies_in_the_models_own_folder(tmp_path, name):
    with pytest.raises(S2IError, match="in another folder"):
        read_sidecar(write(tmp_path, files={"painter": {"file": name}}))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    from tools.small_bundles import write_tiny_bundle

    folder = tmp_path_factory.mktemp("exported")
    bundle = write_tiny_bundle(folder / "tiny.safetensors")
    assert main(["export", str(bundle), "--onnx", str(folder / "onnx")]) == 0
    return folder


@pytest.fixture
def desk(tmp_path, monkeypatch):
    page = np.full((64, 48), 255, np.uint8)
    page[30:34] = 0
    Image.fromarray(page).save(tmp_path / "s.png")
    Image.new("RGB", (40, 32), (200, 90, 40)).save(tmp_path / "r.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def paint(model, *more: str) -> int:
    return main(["paint", "s.png", "r.png", "-o", "o.png", "--runtime", "onnx", "--model", str(model), *more])


def test_numbers_that_are_none_are_not_painted_black(exported, desk, capsys):
    import onnx
    from onnx import numpy_helper

    onnx_model = onnx.load(exported / "onnx" / "painter.onnx")
    for tensor in onnx_model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype in (np.float16, np.float32) and values.size > 50:
            tensor.CopyFrom(numpy_helper.from_array(np.full_like(values, np.nan), tensor.name))
    (desk / "nan").mkdir()
    for file in (exported / "onnx").iterdir():
        (desk / "nan" / file.name).write_bytes(file.read_bytes())
    onnx.save(onnx_model, desk / "nan" / "painter.onnx")
    assert paint("nan") == 1
    error = capsys.readouterr().err
    assert "painter.onnx makes NaN or infinite values" in error and not (desk / "o.png").exists()


def test_numbers_that_fit_no_network_are_one_line(exported, desk, capsys):
    words = json.loads((exported / "onnx" / "model.json").read_text())
    words["facts"]["refiner_noise"] += 1
    words["facts"]["noise_strides"] = words["facts"]["noise_strides"][:1]
    (desk / "odd").mkdir()
    for file in (exported / "onnx").iterdir():
        (desk / "odd" / file.name).write_bytes(file.read_bytes())
    (desk / "odd" / "model.json").write_text(json.dumps(words))
    assert paint("odd") == 1
    error = capsys.readouterr().err
    assert "failed (" in error and error.count("\n") == 1


def test_sizes_are_bounded_as_they_are_with_torch(exported, desk, capsys, monkeypatch):
    assert paint(exported / "onnx", "--size", "16384") == 1
    assert "at most 16384 a side" in capsys.readouterr().err
    monkeypatch.setattr("s2i.machine.memory.free_memory", lambda: 10**9)
    assert paint(exported / "onnx", "--size", "8000") == 1
    assert "painting 8000x10667 pixels takes about 17.1 GB" in capsys.readouterr().err


def test_a_file_where_the_export_should_go_is_named(exported, desk, capsys):
    (desk / "file").write_text("in the way")
    assert main(["export", str(exported / "tiny.safetensors"), "--onnx", "file"]) == 1
    assert "the folder file cannot be made" in capsys.readouterr().err
