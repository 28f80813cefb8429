"""Reading a configuration: TOML tables into dataclasses, with every mistake named."""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

try:
    import tomllib
except ModuleNotFoundError as error:  # the nodes and the engine run on 3.10
    raise ImportError(f"training needs Python 3.11 or newer, this is {sys.version.split()[0]}") from error

from ..errors import TrainError

T = TypeVar("T")


def read_config(path: str | Path) -> dict[str, dict[str, Any]]:
    """The tables of a TOML file. `extends = "FILE"` above them names another, relative to it, whose settings hold
    unless this one sets them."""
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise TrainError(f"the configuration {path} cannot be read: {error}") from error
    base = tables.pop("extends", None)
    stray = [name for name, table in tables.items() if not isinstance(table, dict)]
    if stray:
        raise TrainError(f"{', '.join(stray)} in {path} stands in no table")
    return tables if base is None else merged(read_config(Path(path).parent / base), tables)


def merged(base: dict[str, dict[str, Any]], over: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The tables of `base` with the settings of `over`."""
    return {name: {**base.get(name, {}), **over.get(name, {})} for name in [*base, *(n for n in over if n not in base)]}


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


def overridden(config: T, arguments: argparse.Namespace) -> T:
    """A table's dataclass with those of its settings that the command line names."""
    given = {f.name: getattr(arguments, f.name, None) for f in fields(config)}
    return replace(config, **{k: v for k, v in given.items() if v is not None})
