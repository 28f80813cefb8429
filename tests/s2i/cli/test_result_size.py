"""What does not fit into this machine's memory is refused with the number before it is begun, by every command."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from s2i.cli import painting
from s2i.cli.main import main
from s2i.imaging.files.picture_files import load_image
from tools.small_bundles import write_tiny_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> str:
    return str(write_tiny_bundle(tmp_path_factory.mktemp("model") / "tiny.safetensors"))


@pytest.fixture
def desk(tmp_path, monkeypatch):
    page = np.full((200, 160), 255, np.uint8)
    page[90:100, 20:140] = page[20:180, 70:80] = 0
    Image.fromarray(page).save(tmp_path / "s.png")
    Image.fromarray(page.T.copy()).resize((300, 240)).save(tmp_path / "r.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("paint s.png r.png --size 16384 --working-size 32", "size 16384: the picture would be 16384x20480"),
        ("paint s.png r.png --size 8000", "painting 8000x10000 pixels takes about 16.0 GB of memory and 0.0"),
        ("mix s.png r.png --size 8000", "painting 8000x10000 pixels takes about"),
        ("sketch r.png", "drawing the lines of 300x240 pixels takes about"),
        ("transfer r.png s.png", "drawing the lines of 300x240 pixels takes about"),
        ("grid s.png r.png --tile 16000", "a sheet of 32000x32000 pixels takes about 30.7 GB"),
    ],
)
def test_every_command_refuses_what_does_not_fit(desk, bundle, capsys, monkeypatch, command, message):
    # Enough to read the pictures, and no more.
    monkeypatch.setattr("s2i.machine.memory.free_memory", lambda: 300 * 240 * 30)
    assert main([*command.split(), "-o", "out.png", "--model", bundle]) == 1
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error and not (desk / "out.png").exists()


def test_a_sheet_keeps_tiles_and_not_paintings(desk, bundle, monkeypatch):
    held = []
    sheet = painting.contact_sheet
    monkeypatch.setattr(painting, "contact_sheet", lambda rows, tile: held.extend(rows) or sheet(rows, tile))
    assert main(["grid", "s.png", "r.png", "-o", "g.png", "--tile", "32", "--model", bundle]) == 0
    assert {tuple(cell.shape) for row in held for cell in row if cell is not None} == {(1, 3, 32, 32)}
    found = load_image("g.png")
    assert found.shape == (1, 3, 68, 68) and torch.equal(found[..., :32, :32], torch.ones(1, 3, 32, 32))
    assert found[..., :32, 36:].std() > 0.3 and found[..., 36:, 36:].std() > 0.05
