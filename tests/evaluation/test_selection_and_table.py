"""What is evaluated is of its own split in the table that training reads, and inside the table's crops."""

from __future__ import annotations

import json

import pytest

from evaluation.testsets.selection import FOLDER
from train.data.art_set import ART
from train.data.picture_table import read_table


@pytest.fixture(scope="module")
def table():
    return {row.file: row for row in read_table(ART / "files.csv")}


@pytest.mark.parametrize("split", ["validation", "test"])
def test_frozen_sets_agree_with_the_training_table(split, table):
    selection = json.loads((FOLDER / f"{split}.json").read_text(encoding="utf-8"))
    crops = [crop for group in selection.values() if isinstance(group, list) for crop in group]
    assert len(crops) > 100
    assert {table[crop["file"]].split for crop in crops} == {split}, "nothing that is trained on or dropped"
    for crop in crops:
        row, (left, top, side) = table[crop["file"]], crop["box"]
        if row.crop is not None:
            assert row.crop[0] <= left and left + side <= row.crop[2], crop["file"]
            assert row.crop[1] <= top and top + side <= row.crop[3], crop["file"]
