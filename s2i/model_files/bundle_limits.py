"""What a bundle may ask for. Checked on the plain JSON, before a single module is made from it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ..errors import S2IError

_LONGEST_TEXT = 200
_LONGEST_LIST = 16
_DEEPEST = 4  # tables inside tables of a config
_LARGEST_PROVENANCE, _DEEPEST_PROVENANCE = 256 << 10, 8  # characters, levels
# (part of a setting's name, least, most), the first that fits counts.
_LIMITS = (
    ("depth", 0, 64),
    ("repeats", 0, 64),
    ("level", 0, 16),
    ("working_size", 16, 2048),
    ("style_size", 16, 2048),
    ("stem", 1, 64),
    ("variants", 1, 256),
    ("", 0, 4096),
)


def read_table(text: Any, what: str) -> dict[str, Any]:
    """A table of settings from JSON text. Raises `S2IError` naming `what`, whatever the text is."""
    if not isinstance(text, str):
        raise S2IError(f"its {what} is missing")
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        raise S2IError(f"its {what} is not JSON") from None
    if not isinstance(table, dict):
        raise S2IError(f"its {what} is not a table of settings")
    return table


def check_config(values: Mapping[str, Any], where: str = "config", depth: int = 0) -> None:
    """Raise `S2IError` naming the setting if one is beyond what any model of ours has: a network of ten thousand
    layers, or layers of a million channels, would be built for hours before it failed."""
    if depth > _DEEPEST:
        raise S2IError(f"{where} is nested too deeply")
    if len(values) > 100:
        raise S2IError(f"{where} has {len(values)} settings")
    for name, value in values.items():
        place = f"{where}.{name}"
        if isinstance(value, dict):
            check_config(value, place, depth + 1)
        elif isinstance(value, list):
            if len(value) > _LONGEST_LIST:
                raise S2IError(f"{place} has {len(value)} entries, at most {_LONGEST_LIST} are sane")
            for entry in value:
                _check_value(name, entry, place)
        else:
            _check_value(name, value, place)


def _check_value(name: str, value: Any, place: str) -> None:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, str):
        if len(value) > _LONGEST_TEXT or not value.isprintable():
            raise S2IError(f"{place} is not a short text: {value[:20]!r}")
    elif isinstance(value, int):
        _, low, high = next(limit for limit in _LIMITS if limit[0] in name)
        if not low <= value <= high:
            shown = value if abs(value) < 10**12 else "beyond all numbers"
            raise S2IError(f"{place} is {shown}, must be {low} to {high}")
    elif isinstance(value, float):
        if not math.isfinite(value) or abs(value) > 1e6:
            raise S2IError(f"{place} is {value}")
    else:
        raise S2IError(f"{place} is a {type(value).__name__}, expected a number, a text or a list of numbers")


def check_provenance(values: Mapping[str, Any]) -> None:
    """Raise `S2IError` if what a bundle says of its origin is too much to be read or shown."""
    if len(json.dumps(values)) > _LARGEST_PROVENANCE or _depth(values) > _DEEPEST_PROVENANCE:
        raise S2IError("its provenance is too long or nested too deeply")


def _depth(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((_depth(v) for v in inside), default=0)


def check_finite(tensors: Mapping[str, Tensor]) -> None:
    """Raise `S2IError` naming the first weight that is NaN or infinite: it would paint black, and nobody would know."""
    for name, value in tensors.items():
        if value.is_floating_point() and not torch.isfinite(value).all():
            bad = int((~torch.isfinite(value)).sum())
            raise S2IError(f"{name} holds {bad} NaN or infinite values of {value.numel()}: the model is broken")
