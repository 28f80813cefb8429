"""Weights stored in half floats inside a graph that computes in float32: half the download, the same picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from onnx import ModelProto

_SMALLEST = 64  # values: below it a cast costs more than it saves


def store_weights_in_half(model: ModelProto) -> ModelProto:
    """Every large float32 initializer becomes float16 with a Cast behind it; runtimes fold the casts as they load.

    Exact where the bundle was float16 already. Changes the model in place and returns it. A weight beyond the range of
    float16 stays as it is.
    """
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor)
        with np.errstate(over="ignore"):
            half = values.astype(np.float16)
        if values.size < _SMALLEST or not np.isfinite(half).all():
            continue
        name, stored = tensor.name, f"{tensor.name}.half"
        tensor.CopyFrom(numpy_helper.from_array(half, stored))
        casts.append(helper.make_node("Cast", [stored], [name], f"{name}.cast", to=TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*casts, *nodes])
    known = {tensor.name for tensor in model.graph.initializer}
    kept = [info for info in model.graph.value_info if info.name not in known]
    del model.graph.value_info[:]
    model.graph.value_info.extend(kept)
    return model
