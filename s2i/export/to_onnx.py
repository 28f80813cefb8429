"""A pipeline -> a folder of ONNX graphs and a sidecar that says how to use them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import warnings
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.onnx import symbolic_helper

from ..errors import S2IError
from ..machine.atomic_file import atomic_file
from ..steps.refine import REFINER_STREAM
from .half_storage import store_weights_in_half
from .networks import (
    COLUMNS,
    ROWS,
    TOKENS,
    ExtractorGraph,
    PainterGraph,
    RefinerGraph,
    Size,
    StyleGraph,
    noise_strides,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..pipeline import SketchToImage

OPSET = 18  # the least with Resize and Pad as the exporter writes them; every runtime since 2023 reads it
FORMAT, FORMAT_VERSION = "s2i-onnx", 1
SIDECAR = "model.json"
_GRAPHS = {"style": StyleGraph, "painter": PainterGraph, "refiner": RefinerGraph, "extractor": ExtractorGraph}
_RANGES = {
    "image": "-1..1", "draft": "-1..1", "weight": "0..1", "token_weights": "0..1", "ink": "0..1, 1 = ink",
    "hints": "colour -1..1 and coverage 0..1", "variant": "0..1, sums to 1", "strength": "0..4",
}  # fmt: skip


def export_onnx(model: SketchToImage, folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Write style.onnx, painter.onnx, refiner.onnx, extractor.onnx and model.json -> the sidecar's contents.

    Heights and widths are free in steps of each graph's `multiple`. Raises `S2IError` for a model without palette,
    region facts, hints, noise or trunk (the paper's configuration), and where the extra `onnx` is not installed.
    """
    if find_spec("onnx") is None:
        raise S2IError("the package onnx is missing: pip install 'sketch-to-image[onnx]'")
    config, module = model.config, model.module
    if not (config.palette and config.region_facts and config.hints and config.noise and config.trunk):
        raise S2IError(f"a model of the configuration {config.name} cannot be exported: only the art family can")
    if model.dtype != torch.float32:
        raise S2IError(f"a model in {model.dtype} has lost digits: load it in float32 to export it")
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise S2IError(f"the folder {folder} cannot be made ({error.strerror or error}): name another") from None
    networks = {
        name: _write(folder / f"{name}.onnx", graph(module, config).eval()) for name, graph in _GRAPHS.items()
    }
    networks["extractor"]["later"] = True  # needed only where a sketch is taken from a photograph
    sidecar = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "opset": OPSET,
        "facts": _facts(model),
        "networks": networks,
        "config": config.to_dict(),
        "provenance": model.provenance,
    }
    (folder / SIDECAR).write_text(json.dumps(sidecar, indent=1) + "\n", encoding="utf-8")
    return sidecar


def _facts(model: SketchToImage) -> dict[str, Any]:
    """The numbers that whoever runs the graphs needs, under plain names."""
    config = model.config
    return {
        "working_size": config.working_size,
        "multiple": config.multiple,
        "stem": config.stem,
        "noise_strides": noise_strides(config),
        "style_size": config.style_size,
        "style_multiple": config.style_multiple,
        "refiner_multiple": config.refiner.area,
        "refiner_noise": config.refiner.noise,
        "refiner_stream": REFINER_STREAM,
        "extractor_variants": config.extractor.variants,
        "extractor_multiple": model.module.sketch_extractor.multiple,
    }


def _write(path: Path, graph: nn.Module) -> dict[str, Any]:
    """-> the graph's entry in the sidecar."""
    import onnx

    model = store_weights_in_half(onnx.load_from_string(_traced(graph)))
    onnx.checker.check_model(model, full_check=True)
    data = model.SerializeToString(deterministic=True)
    with atomic_file(path) as temporary:
        temporary.write_bytes(data)
    return {
        "file": path.name,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "multiple": graph.multiple,
        "inputs": {name: _described(name, shape) for name, shape in graph.inputs.items()},
        "outputs": list(graph.outputs),
    }


def _described(name: str, shape: tuple[Size, ...]) -> dict[str, Any]:
    described = {"shape": [_words(size) for size in shape], "type": "float32"}
    return described | ({"range": _RANGES[name]} if name in _RANGES else {})


def _traced(graph: nn.Module) -> bytes:
    """By tracing, not by torch.export: every graph is straight, and tracing takes seconds instead of minutes."""
    blank = [torch.zeros([_trial(size) for size in shape]) for shape in graph.inputs.values()]
    free = {
        name: {axis: _words(size) for axis, size in enumerate(shape) if not isinstance(size, int)}
        for name, shape in graph.inputs.items()
    }
    buffer = io.BytesIO()
    torch.onnx.register_custom_op_symbolic("aten::rms_norm", _rms_norm, OPSET)
    with torch.no_grad(), _quietly():
        torch.onnx.export(
            graph,
            tuple(blank),
            buffer,
            input_names=list(graph.inputs),
            output_names=list(graph.outputs),
            dynamic_axes=free | graph.free_outputs,
            opset_version=OPSET,
            dynamo=False,
        )
    return buffer.getvalue()


def _rms_norm(g: Any, x: Any, shape: Any, weight: Any, eps: Any) -> Any:
    """RMSNorm over the last axis, which the exporter does not know: x / sqrt(mean(x²) + eps)."""
    least = symbolic_helper._maybe_get_const(eps, "f")
    least = torch.finfo(torch.float32).eps if symbolic_helper._is_none(eps) else least
    axis = g.op("Constant", value_t=torch.tensor([-1]))
    mean = g.op("ReduceMean", g.op("Mul", x, x), axis, keepdims_i=1)
    scaled = g.op("Div", x, g.op("Sqrt", g.op("Add", mean, g.op("Constant", value_t=torch.tensor(float(least))))))
    return scaled if symbolic_helper._is_none(weight) else g.op("Mul", scaled, weight)


def _trial(size: Size) -> int:
    """A number for each size to trace with, all different, none 1."""
    factor, name = size if isinstance(size, tuple) else (1, size)
    return factor * {ROWS: 4, COLUMNS: 6, TOKENS: 7}.get(name, name)


def _words(size: Size) -> int | str:
    return size if isinstance(size, int | str) else f"{size[0]}*{size[1]}"


@contextmanager
def _quietly() -> Iterator[None]:
    """Tracing warns of every shape that it reads; the tests run each graph at other shapes instead."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
