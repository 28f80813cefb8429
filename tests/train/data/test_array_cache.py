"""The cache of decoded pictures: damage is found, named and repaired; what is no file is passed over."""

from __future__ import annotations

import logging
import os
import socket
import threading

import numpy as np
import pytest
from PIL import Image

from train.data.array_cache import holds_array, read_array, write_array
from train.data.pictures import PictureFolder
from train.errors import TrainError

ARRAY = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "in").mkdir()
    for i in range(3):
        Image.fromarray(rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)).save(tmp_path / "in" / f"{i}.png")
    return tmp_path


def read(folder):
    return PictureFolder(folder / "in", 32, None, None, cache=folder / "cache")


def test_what_is_written_is_read(tmp_path):
    write_array(tmp_path / "a.npy", ARRAY)
    assert holds_array(tmp_path / "a.npy") and np.array_equal(read_array(tmp_path / "a.npy"), ARRAY)
    assert read_array(tmp_path / "none.npy") is None and len(list(tmp_path.iterdir())) == 1
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TrainError, match="cannot write to the cache"):
        write_array(tmp_path / "file" / "a.npy", ARRAY)


@pytest.mark.parametrize("damage", ["empty", "cut header", "cut data", "longer", "junk", "pickle", "floats"])
def test_a_damaged_array_is_removed_and_named(tmp_path, caplog, damage):
    path = tmp_path / "a.npy"
    write_array(path, ARRAY)
    whole = path.read_bytes()
    path.write_bytes({"empty": b"", "cut header": whole[:30], "cut data": whole[:-9], "longer": whole + b"x",
                      "junk": b"junk" * 40}.get(damage, whole))  # fmt: skip
    if damage == "pickle":
        np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    if damage == "floats":
        np.save(path, ARRAY.astype(np.float32))
    with caplog.at_level(logging.WARNING):
        assert read_array(path) is None
    assert "a.npy" in caplog.text and "made again" in caplog.text and not path.exists()


@pytest.mark.parametrize("when", ["before the run", "during the run"])
def test_a_cut_picture_of_the_cache_is_decoded_again(folder, caplog, when):
    good = [read(folder)[i] for i in range(3)]
    during = read(folder)
    victim = sorted((folder / "cache").iterdir())[1]
    victim.write_bytes(victim.read_bytes()[:200])
    with caplog.at_level(logging.WARNING):
        pictures = during if when == "during the run" else read(folder)
        found = [pictures[i] for i in range(3)]
    assert victim.name in caplog.text
    assert all(np.array_equal(a.image, b.image) for a, b in zip(good, found, strict=True))
    assert holds_array(victim), "and is there for the next run"


def test_pipes_and_sockets_among_the_pictures_are_passed_over(folder):
    os.mkfifo(folder / "in" / "pipe.png")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "in" / "s.jpg"))
    (folder / "in" / "folder.png").mkdir()
    found: list[int] = []
    reader = threading.Thread(target=lambda: found.append(len(read(folder))), daemon=True)
    reader.start()
    reader.join(30)
    listener.close()
    assert found == [3], "read without waiting for a pipe"


def test_a_pipe_that_a_table_names_is_skipped_by_name(folder):
    os.mkfifo(folder / "in" / "pipe.png")
    chosen = {"0.png": None, "pipe.png": None}
    pictures = PictureFolder(folder / "in", 32, None, None, chosen=chosen)
    assert len(pictures) == 1 and [(p.name, why) for p, why in pictures.skipped] == [("pipe.png", "not a file")]
