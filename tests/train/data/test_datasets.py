"""The [data] table of the stages that learn to sketch."""

from __future__ import annotations

import argparse

import pytest

from train.data.datasets import DataConfig, add_data_options, data_config
from train.errors import TrainError


def test_options_override_the_table_and_pictures_are_needed():
    parser = argparse.ArgumentParser()
    add_data_options(parser)
    with pytest.raises(TrainError, match="give --data"):
        data_config(DataConfig(), parser.parse_args([]))
    table = DataConfig(pictures="a", inks="b", cache="e")
    given = data_config(table, parser.parse_args(["--data", "c", "--cache", "d"]))
    assert (given.pictures, given.inks, given.cache) == ("c", "b", "d")
