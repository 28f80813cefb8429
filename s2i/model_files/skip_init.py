"""Networks built as shells that a file is about to fill: weights that are thrown away are not drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_METHODS = {torch.Tensor.normal_, torch.Tensor.uniform_, torch.Tensor.zero_, torch.Tensor.fill_}


class _SkipInit(TorchFunctionMode):
    """Whatever would fill a tensor leaves it as it is (as `torch.nn.utils.skip_init` does for a single module)."""

    def __torch_function__(self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        if func in _METHODS or getattr(func, "__module__", None) == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


@contextmanager
def skip_init() -> Iterator[None]:
    """Modules made inside have parameters on the meta device, without memory and without values; load a state dict
    into them with assign=True.

    On the meta device alone torch imports its compiler to draw numbers that do not exist: a second of every start.
    """
    with torch.device("meta"), _SkipInit():
        yield
