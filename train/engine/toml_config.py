"""Reading a configuration: TOML tables into dataclasses, with every mistake named."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

try:
    import tomllib
except ModuleNotFoundError as error:  # the nodes and the engine run on 3.10
    raise ImportError(f"training needs Python 3.11 or newer, this is {sys.version.split()[0]}") from error

from ..errors import TrainError

T = TypeVar("T")


def read_config(path: str | Path) -> dict[str, dict[str, Any]]:
    """The tables of a TOML file."""
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise TrainError(f"the configuration {path} cannot be read: {error}") from error


def from_table(kind: type[T], table: dict[str, Any], where: str) -> T:
    """A dataclass from a table; unknown settings and wrong types are errors. where: the table's name."""
    known = {f.name: f for f in fields(kind)}
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise TrainError(f"unknown setting {', '.join(unknown)} in [{where}]; known: {', '.join(known)}")
    values = {}
    for name, value in table.items():
        expected = str(known[name].type)
        value = float(value) if expected == "float" and type(value) is int else value
        value = tuple(value) if isinstance(value, list) else value
        if expected in ("int", "float", "str", "bool") and type(value).__name__ != expected:
            raise TrainError(f"{name} in [{where}] must be {expected}, not {value!r}")
        values[name] = value
    return kind(**values)
