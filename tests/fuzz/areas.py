"""What is fuzzed: a strategy for inputs, and what is done with one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from .arguments import arguments, try_arguments
from .drawings import drawings, try_drawing
from .node_inputs import node_inputs, try_node_inputs
from .outcomes import Outcome
from .pictures import pictures, try_picture
from .shards import shards, try_shard
from .tensor_files import tensor_files, try_bundle, try_style


@dataclass(frozen=True)
class Area:
    """share: of all cases, in percent."""

    cases: st.SearchStrategy[Any]
    attempt: Callable[[Any], Outcome]
    share: int


AREAS = {
    "pictures": Area(pictures(), try_picture, 25),
    "model files": Area(tensor_files(), try_bundle, 20),
    "style files": Area(tensor_files(), try_style, 15),
    "drawings": Area(drawings(), try_drawing, 10),
    "shards": Area(shards(), try_shard, 5),
    "arguments": Area(arguments(), try_arguments, 15),
    "node inputs": Area(node_inputs(), try_node_inputs, 10),
}
