"""Configuration files and the options that every stage's command shares."""

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
from .loop import LoopConfig

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


def loop_parser(description: str) -> argparse.ArgumentParser:
    """--config and the options that override its [loop] table."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--config", required=True, help="TOML file")
    parser.add_argument("--out", help="folder of the run")
    parser.add_argument("--resume", help='"latest", or a checkpoint')
    parser.add_argument("--init", help="a checkpoint whose networks a new run starts from")
    parser.add_argument("--pictures", type=int, help="where the run ends, in pictures")
    parser.add_argument("--decay-pictures", type=int, help="length of the last phase, in pictures")
    parser.add_argument("--max-minutes", type=float, help="stop with a checkpoint after this long")
    parser.add_argument("--batch", type=int, help="pictures per process and step")
    parser.add_argument("--workers", type=int, help="processes that make samples")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--cpu", action="store_true", default=None, help="stay on the CPU")
    return parser


def loop_config(arguments: argparse.Namespace, table: dict[str, Any]) -> LoopConfig:
    """The [loop] table with the command line's overrides."""
    given = {f.name: getattr(arguments, f.name, None) for f in fields(LoopConfig)}
    return replace(from_table(LoopConfig, table, "loop"), **{k: v for k, v in given.items() if v is not None})
