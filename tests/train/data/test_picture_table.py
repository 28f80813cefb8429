"""The committed table of files: which is what, and which is trained on."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from train.data.picture_table import TableRow, read_table
from train.data.pictures import PictureFolder
from train.errors import TrainError


def test_rows(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("file,kind,split,crop,more\na/b.jpg,picture,train,1 2 30 40,x\nc.png,doodle,drop,,\n")
    assert read_table(table) == [TableRow("a/b.jpg", "picture", "train", (1, 2, 30, 40)),
                                 TableRow("c.png", "doodle", "drop")]


WRONG = ["../x.jpg,picture,train,", ",picture,train,", "/x.jpg,picture,train,", "x.jpg,photo,train,",
         "x.jpg,picture,tarin,", "x.jpg,picture,train,1 2 3", "x.jpg,picture,train,5 2 5 9"]


@pytest.mark.parametrize("row", WRONG)
def test_a_wrong_row_is_named(tmp_path, row):
    table = tmp_path / "t.csv"
    table.write_text(f"file,kind,split,crop\nok.jpg,picture,train,\n{row}\n")
    with pytest.raises(TrainError, match="line 3"):
        read_table(table)


def test_a_missing_table_is_an_error(tmp_path):
    with pytest.raises(TrainError, match="cannot be read"):
        read_table(tmp_path / "none.csv")


def test_a_folder_takes_the_chosen_files_with_their_crops(tmp_path):
    picture = np.zeros((100, 120, 3), np.uint8)
    picture[:, 60:] = 200
    for name in ("a.png", "b.png"):
        Image.fromarray(picture + (name == "b.png")).save(tmp_path / name)
    for cache in (None, tmp_path / "cache"):
        folder = PictureFolder(tmp_path, 40, cache=cache, chosen={"a.png": (60, 0, 120, 100)})
        assert len(folder) == 1 and folder[0].image.min() > 190
        assert min(folder[0].image.shape[:2]) == 40
        assert PictureFolder(tmp_path, 40, cache=cache, chosen={"a.png": None})[0].image.min() == 0
