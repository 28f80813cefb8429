"""model.json, which says how an exported model is run: from a stranger, so held to limits before it is used."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ..errors import S2IError

_FORMAT, _VERSION, _NAME = "s2i-onnx", 1, "model.json"
_LARGEST = 4 << 20  # bytes
_NETWORKS = ("style", "painter", "refiner")
_LIMITS = {"working_size": (16, 2048), "multiple": (1, 1024), "stem": (1, 64), "style_size": (16, 2048),
           "style_multiple": (1, 1024), "refiner_multiple": (2, 1024), "refiner_noise": (1, 64),
           "refiner_stream": (0, 1 << 16)}  # fmt: skip


def read_sidecar(folder: Path) -> tuple[dict[str, Any], dict[str, Path]]:
    """-> the numbers that whoever runs the graphs needs, and each graph's file. Raises `S2IError` naming the file."""
    path = folder / _NAME
    try:
        with path.open("rb") as file:
            described = json.loads(file.read(_LARGEST))
        form, version = described["format"], described["format_version"]
        facts, networks = described["facts"], described["networks"]
        if (form, version) != (_FORMAT, _VERSION):
            raise S2IError(f"{path} is {form} {version}; this version of s2i reads {_FORMAT} {_VERSION}")
        files = {name: networks[name]["file"] for name in _NETWORKS}
        sane = _are_sane(facts)
    except OSError:
        raise S2IError(f"{folder} holds no exported model: make one with `s2i export BUNDLE --onnx DIR`") from None
    except S2IError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError):
        sane, files = False, {}
    if not sane:
        raise S2IError(f"{path} does not describe an exported model: export it again")
    # A name with a folder in it could lead to any file of this machine.
    if not all(isinstance(name, str) and re.fullmatch(r"\w[\w-]*\.onnx", name) for name in files.values()):
        raise S2IError(f"{path} names a network's file in another folder: export it again")
    return facts, {name: folder / file for name, file in files.items()}


def _are_sane(facts: dict[str, Any]) -> bool:
    strides = facts["noise_strides"]
    numbers = [(facts[name], *limits) for name, limits in _LIMITS.items()] + [(n, 1, 1024) for n in strides]
    return len(strides) <= 16 and all(type(n) is int and low <= n <= high for n, low, high in numbers)
