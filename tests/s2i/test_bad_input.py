"""What users really hand over: each bad thing is refused in one line that names it; nothing is left half-written."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image

from s2i.cli import jobs as batch
from s2i.cli.main import main
from s2i.config import ModelConfig
from s2i.errors import S2IError
from s2i.imaging.files.picture_files import load_image
from s2i.imaging.pixels.checks import check_image
from s2i.pipeline import SketchToImage
from tools.small_bundles import write_tiny_bundle


@pytest.fixture(scope="module")
def model() -> SketchToImage:
    return SketchToImage.from_config(ModelConfig.tiny(), seed=1)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_tiny_bundle(tmp_path_factory.mktemp("model") / "tiny.safetensors")


def draw(size, path) -> None:
    picture = Image.new("L", size, 255)
    picture.paste(0, (10, 10, 12, 40))
    picture.save(path)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    draw((48, 64), tmp_path / "s.png")
    for name in ("r", "q"):
        Image.new("RGB", (40, 32), (200, 90, 40)).save(tmp_path / f"{name}.jpg")
    (tmp_path / "file").write_text("in the way")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def good(channels: int = 3) -> torch.Tensor:
    return torch.zeros(1, channels, 32, 32)


def spoilt(value: float) -> torch.Tensor:
    image = good()
    image[0, 1, 5, 5] = value
    return image


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (spoilt(float("nan")), "NaN"),
        (spoilt(float("inf")), "infinite"),
        (good(1), r"1, 1, 32, 32"),
        (good(4), r"1, 4, 32, 32"),
        (torch.zeros(3, 32, 32), r"\(3, 32, 32\)"),
        (torch.zeros(0, 3, 32, 32), r"\(0, 3, 32, 32\)"),
        (good().byte(), "uint8"),
        (torch.zeros(1, 3, 32, 15), "15x32"),
        (torch.zeros(1, 3, 16, 1).expand(-1, -1, -1, 16385), "16385x16"),
        (np.zeros((1, 3, 32, 32), np.float32), "ndarray"),
        (None, "NoneType"),
    ],
)
def test_tensors_that_are_no_pictures(model, bad, message):
    with pytest.raises(S2IError, match=message) as error:
        model.encode_style(bad)
    assert str(error.value).startswith("reference") and "\n" not in str(error.value)
    with pytest.raises(S2IError, match="photograph"):
        check_image(bad, "photograph")


def test_infinities_that_cancel_are_seen():
    image = spoilt(float("inf"))
    image[0, 0, 0, 0] = float("-inf")
    with pytest.raises(S2IError, match="infinite"):
        check_image(image, "picture")


@pytest.mark.parametrize(("drafts", "inks", "styles"), [(2, 3, 1), (1, 2, 3), (3, 1, 2)])
def test_batches_that_do_not_fit_are_counted(model, drafts, inks, styles):
    style = model.encode_style(good().expand(styles, -1, -1, -1))
    with pytest.raises(S2IError) as error:
        model.refine(good().expand(drafts, -1, -1, -1), good(1).expand(inks, -1, -1, -1), style)
    said = str(error.value)
    assert f"draft of shape ({drafts}, " in said and f"ink of shape ({inks}, " in said and f"style of {styles}" in said


def test_a_float_picture_with_holes_names_its_file(tmp_path):
    Image.fromarray(np.full((20, 20), np.nan, np.float32)).save(tmp_path / "holes.tif")
    with pytest.raises(S2IError, match=r"holes\.tif contains NaN"):
        load_image(tmp_path / "holes.tif")


def test_a_dark_sixteen_bit_scan_stays_dark(tmp_path):
    Image.fromarray(np.full((20, 20), 200, np.uint16)).save(tmp_path / "night.png")
    assert load_image(tmp_path / "night.png").max() < -0.99


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("paint s.png r.jpg -o file", "file"),
        ("paint s.png r.jpg -o file/under/o.png", "file/under"),
        ("paint s.png r.jpg --size 16000", "16384"),
        ("paint s.png r.jpg --mask none.png", "none.png"),
        ("paint s.png r.jpg --strength nan", "strength"),
        ("mix s.png r.jpg q.jpg --weights 0,0", "weights"),
        ("mix s.png r.jpg q.jpg --weights nan,1", "weights"),
        ("sketch r.jpg --line-weight 0", "line_weight"),
        ("grid s.png file", "file"),
        ("push {bundle} someone/model --card none.md", "none.md"),
        ("info .", "no model '.'"),
    ],
)
def test_every_command_says_in_one_line_what_was_wrong(desk, bundle, capsys, command, message):
    arguments = command.format(bundle=bundle).split()
    if arguments[0] not in ("push", "info"):
        arguments += ["--model", str(bundle)]
    if arguments[0] == "paint" and "--size" in arguments:
        draw((48, 96), "s.png")
    before = sorted(p.name for p in desk.rglob("*"))
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1 and "Traceback" not in error
    assert sorted(p.name for p in desk.rglob("*")) == before


@pytest.mark.parametrize("command", ["paint", "transfer", "mix", "grid"])
def test_an_empty_name_is_not_the_folder_one_stands_in(desk, bundle, capsys, command):
    assert main([command, "", "r.jpg", "--model", str(bundle)]) == 1
    assert "empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    ["paint s.png r.jpg --size 60000", "paint s.png r.jpg --seed x", "bench --runs 0", "bench --sizes 8",
     "mix s.png r.jpg --weights a", "paint s.png r.jpg --dtype int8"],
)
def test_impossible_options_are_wrong_usage(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main(command.split())
    assert stop.value.code == 2 and "Traceback" not in capsys.readouterr().err


def test_a_sheet_leaves_out_the_reference_that_cannot_be_read(desk, bundle, capsys):
    (desk / "refs").mkdir()
    (desk / "r.jpg").rename(desk / "refs" / "r.jpg")
    (desk / "refs" / "bad.jpg").write_bytes(b"")
    assert main(["grid", "s.png", "refs", "-o", "g.png", "--tile", "32", "--model", str(bundle)]) == 1
    assert "bad.jpg is empty" in capsys.readouterr().err
    assert load_image("g.png").shape == (1, 3, 2 * 36 - 4, 2 * 36 - 4)


def test_a_failure_is_json_too(desk, capsys):
    assert main(["paint", "s.png", "r.jpg", "--model", "none.safetensors", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["done"] == [] and "none.safetensors" in report["failed"][0]["error"]


def test_one_picture_too_large_for_the_machine_does_not_stop_the_others(capsys):
    def too_large():
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")

    report = batch.run_jobs([("wall.png", too_large), ("stamp.png", dict)])
    assert len(report.done) == 1 and report.code == 1
    assert "wall.png: not enough memory" in capsys.readouterr().err


def test_a_fault_of_ours_is_not_passed_off_as_bad_input():
    def fault():
        raise TypeError("a bug")

    with pytest.raises(TypeError, match="a bug"):
        batch.run_jobs([("s.png", fault)])


@pytest.mark.parametrize("keep", [0, 5, 300, -1])
def test_a_bundle_cut_short_is_named(desk, bundle, capsys, keep):
    (desk / "cut.safetensors").write_bytes(bundle.read_bytes()[:keep])
    assert main(["paint", "s.png", "r.jpg", "--model", "cut.safetensors"]) == 1
    error = capsys.readouterr().err
    assert "cut.safetensors" in error and error.count("\n") == 1
