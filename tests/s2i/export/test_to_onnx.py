"""Exported graphs are the modules, at every size, and say what they are."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
import torch

from s2i.config import ModelConfig
from s2i.errors import S2IError
from s2i.imaging.files.picture_files import load_image, load_ink
from s2i.pipeline import SketchToImage
from tools.small_bundles import lively_model

onnx = pytest.importorskip("onnx", reason="the extra onnx is not installed")
pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")


@pytest.fixture(scope="module")
def model():
    return lively_model(3)


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    from s2i.export.to_onnx import export_onnx

    export_onnx(model, made := tmp_path_factory.mktemp("onnx"))
    return made


@pytest.fixture(scope="module")
def painter(folder):
    from s2i.portable.painter import OnnxPainter

    return OnnxPainter(folder, threads=1)


def apart(array: np.ndarray, tensor: torch.Tensor) -> float:
    assert array.shape == tuple(tensor.shape)
    return float(np.abs(array - tensor.numpy()).max()) * 127.5


@pytest.mark.parametrize("shape", [(512, 512), (100, 333), (480, 64), (17, 31)])
@pytest.mark.parametrize("settings", [{}, {"seed": 9, "strength": 0.4}], ids=["plain", "seed"])
def test_paintings_agree_at_every_size(model, painter, shape, settings):
    ink = load_ink("art/sketches/horse.png")[..., : shape[0], : shape[1]].contiguous()
    reference = load_image("art/references/temple.jpg")
    strength = settings.get("strength", 1.0)
    style = painter.encode_style(reference.numpy())
    draft = painter.draft(ink.numpy(), style, settings.get("seed", 0))
    painted = painter.refine(draft, ink.numpy(), style, seed=settings.get("seed", 0), strength=strength)
    assert apart(painted, model(ink, reference, **settings)) < 0.05


def test_masks_agree(model, painter):
    reference = load_image("art/references/ball.jpg")
    mask = torch.zeros(1, 1, *reference.shape[-2:])
    mask[..., 100:300, 50:200] = 1
    expected, found = model.encode_style(reference, mask), painter.encode_style(reference.numpy(), mask.numpy())
    for a, b in zip((found.vectors, found.token_weights, found.mean, found.root),
                    (expected.vectors, expected.token_weights, expected.palette_mean, expected.palette_root),
                    strict=True):
        np.testing.assert_allclose(a, b.numpy(), atol=1e-4)


@pytest.mark.parametrize("shape", [(64, 96), (160, 48)])
def test_sketches_agree(model, folder, shape):
    """The page traces lines with it; painting without torch does not open it."""
    import onnxruntime

    image = load_image("art/references/coast.jpg")[..., : shape[0], : shape[1]].contiguous()
    variant = np.eye(model.config.extractor.variants, dtype=np.float32)[1:2]
    session = onnxruntime.InferenceSession(folder / "extractor.onnx", providers=["CPUExecutionProvider"])
    (ink,) = session.run(None, {"image": image.numpy(), "variant": variant})
    expected = model.extract_sketch(image, 1)
    assert expected.std() > 0.02, "there are lines to compare"
    np.testing.assert_allclose(ink, expected.numpy(), atol=2e-3)


def test_the_sidecar_describes_the_files(folder, model):
    described = json.loads((folder / "model.json").read_text())
    assert described["facts"]["working_size"] == model.config.working_size
    for name, network in described["networks"].items():
        data = (folder / network["file"]).read_bytes()
        assert len(data) == network["bytes"]
        assert hashlib.sha256(data).hexdigest() == network["sha256"]
        graph = onnx.load_from_string(data)
        assert {o.domain: o.version for o in graph.opset_import}[""] == described["opset"]
        assert {v.name for v in graph.graph.input} == set(network["inputs"]), name
        assert [v.name for v in graph.graph.output] == network["outputs"]
        large = [t for t in graph.graph.initializer if np.prod(t.dims) >= 64 and t.data_type == onnx.TensorProto.FLOAT]
        assert not large, "weights are stored in half floats"
        words = network["inputs"].get("ink", network["inputs"].get("image"))["shape"]
        assert words[2] == f"{network['multiple']}*rows"


def test_exporting_twice_gives_the_same_bytes(model, folder, tmp_path):
    from s2i.export.to_onnx import export_onnx

    export_onnx(model, tmp_path)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_the_papers_model_is_refused(tmp_path):
    from s2i.export.to_onnx import export_onnx

    plain = SketchToImage.from_config(ModelConfig.tiny())
    plain.config = ModelConfig.paper()
    with pytest.raises(S2IError, match="paper cannot be exported"):
        export_onnx(plain, tmp_path)


def test_a_weight_too_large_for_half_floats_stays(tmp_path):
    from onnx import TensorProto, helper, numpy_helper

    from s2i.export.half_storage import store_weights_in_half

    values = np.linspace(0, 1e6, 128, dtype=np.float32)
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"])], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [128])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [128])],
        [numpy_helper.from_array(values, "w")],
    )
    stored = store_weights_in_half(helper.make_model(graph))
    np.testing.assert_array_equal(numpy_helper.to_array(stored.graph.initializer[0]), values)
