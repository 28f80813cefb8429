"""The header of a .safetensors file, bounded before any tensor is read: it may promise what no machine has."""

from __future__ import annotations

import json
import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import S2IError

LARGEST_HEADER = 4 << 20  # bytes
MOST_TENSORS = 8192
MOST_NUMBERS = 1 << 27  # in all tensors of a file; ten times what ships
_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
_PICKLES = (b"PK", b"\x80\x02", b"\x80\x04", b"\x80\x05")


class TensorFileError(S2IError):
    """Not a usable .safetensors file; the message names the file and what is wrong with it."""


@dataclass(frozen=True)
class TensorHeader:
    """metadata: the file's own words, text by text. entries: what the header says of each tensor. start, size: where
    the tensors begin and the file ends, in bytes."""

    metadata: dict[str, str]
    entries: dict[str, Any]
    start: int
    size: int


def read_tensor_header(path: str | os.PathLike[str]) -> TensorHeader:
    """Any .safetensors file's header; reads at most `LARGEST_HEADER` bytes. Raises `TensorFileError`."""
    path = Path(path)
    if not path.is_file():
        raise TensorFileError(f"model file {path} does not exist")
    try:
        with path.open("rb") as file:
            start, size = file.read(8), path.stat().st_size
            if start.startswith(_PICKLES):
                raise TensorFileError(f"{path} is a pickle (.pth, .pt or .ckpt), which can run code and is never "
                                      "loaded: use a .safetensors bundle")
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            if not 2 <= length <= min(LARGEST_HEADER, size - 8):
                raise TensorFileError(f"{path} is not a .safetensors file, or is cut short ({size} bytes): download it "
                                      "again")
            text = file.read(length)
    except OSError as error:
        raise TensorFileError(f"{path} cannot be read ({error.strerror or error})") from None
    try:
        header = json.loads(text)
        words = header.pop("__metadata__", None) or {}
        if not isinstance(words, dict) or not all(isinstance(value, str) for value in words.values()):
            raise TypeError
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise TensorFileError(f"{path} has a damaged header: download it again") from None
    return TensorHeader(words, header, 8 + length, size)


def check_tensors(header: TensorHeader, path: str | os.PathLike[str]) -> None:
    """Raise `TensorFileError` unless the tensors are of known types, in sane numbers, and all there."""
    path, entries = Path(path), header.entries
    if len(entries) > MOST_TENSORS:
        raise TensorFileError(f"{path} holds {len(entries)} tensors, at most {MOST_TENSORS} are read")
    shapes = {name: _shape(name, entry, path) for name, entry in entries.items()}
    total = sum(math.prod(shape) for shape in shapes.values())
    if total > MOST_NUMBERS:
        largest = max(shapes, key=lambda name: math.prod(shapes[name]))
        raise TensorFileError(f"{path} holds {total:,} numbers ({largest} alone is {shapes[largest]}), at most "
                              f"{MOST_NUMBERS:,} are read")
    end = header.start + max((entry["data_offsets"][1] for entry in entries.values()), default=0)
    if header.size != end:
        raise TensorFileError(f"{path} is {header.size} bytes, its header says {end}: it is damaged or cut short, "
                              "download it again")


def _shape(name: str, entry: Any, path: Path) -> tuple[int, ...]:
    if not isinstance(entry, dict):
        raise TensorFileError(f"{path}: {name} is not described: the file is damaged")
    dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    if not isinstance(dtype, str) or dtype not in _BYTES:
        raise TensorFileError(f"{path}: {name} is of the type {dtype!r}; weights are {', '.join(_BYTES)}")
    if not (_whole_numbers(shape) and len(shape) <= 8 and _whole_numbers(offsets) and len(offsets) == 2):
        raise TensorFileError(f"{path}: {name} has no usable shape or place in the file: it is damaged")
    if offsets[1] - offsets[0] != math.prod(shape) * _BYTES[dtype]:
        raise TensorFileError(f"{path}: {name} has the shape {shape} but other bytes than that takes: it is damaged")
    return tuple(shape)


def _whole_numbers(values: Any) -> bool:
    return isinstance(values, list) and all(type(v) is int and 0 <= v < 1 << 48 for v in values)
