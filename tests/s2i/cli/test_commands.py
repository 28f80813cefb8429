"""The command line as its users type it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

from s2i.cli.main import build_parser, main
from s2i.imaging.files.picture_files import load_image


@pytest.fixture
def desk(tmp_path) -> Path:
    """A folder with two sketches, two references and some damage."""
    (tmp_path / "sketches").mkdir()
    (tmp_path / "references").mkdir()
    for i in range(2):
        sketch = Image.new("L", (48, 64), 255)
        sketch.paste(0, (10 + 8 * i, 10, 12 + 8 * i, 50))
        sketch.save(tmp_path / "sketches" / f"s{i}.png")
        Image.new("RGB", (40, 32), (200 * i, 90, 255 - 200 * i)).save(tmp_path / "references" / f"r{i}.jpg")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    return tmp_path


def run(*args: object) -> int:
    return main([str(a) for a in args])


def test_paint_writes_a_picture_of_the_sketchs_size(desk, bundle):
    out = desk / "out.png"
    assert run("paint", desk / "sketches/s0.png", desk / "references/r0.jpg", "-o", out, "--model", bundle) == 0
    assert load_image(out).shape == (1, 3, 64, 48)


def test_same_seed_same_file(desk, bundle):
    command = ["paint", desk / "sketches/s0.png", desk / "references/r1.jpg", "--model", bundle, "--seed", 4, "-o"]
    assert run(*command, desk / "a.png") == run(*command, desk / "b.png") == 0
    assert (desk / "a.png").read_bytes() == (desk / "b.png").read_bytes()


def test_folders_and_globs_go_in_and_folders_come_out(desk, bundle):
    assert run("paint", desk / "sketches", desk / "references", "-o", desk / "out", "--model", bundle) == 0
    names = sorted(p.name for p in (desk / "out").iterdir())
    assert names == ["s0-r0.png", "s0-r1.png", "s1-r0.png", "s1-r1.png"]
    assert run("sketch", str(desk / "references" / "*.jpg"), "-o", desk / "lines", "--model", bundle) == 0
    assert len(list((desk / "lines").iterdir())) == 2


def test_one_bad_input_fails_and_the_others_are_done(desk, bundle, capsys):
    (desk / "sketches" / "bad.png").write_bytes(b"no picture")
    code = run("paint", desk / "sketches", desk / "references/r0.jpg", "-o", desk / "out", "--model", bundle)
    error = capsys.readouterr().err
    assert code == 1 and len(list((desk / "out").iterdir())) == 2
    assert "bad.png" in error and "2 done, 1 failed" in error and "Traceback" not in error


def test_json_reports_what_was_done(desk, bundle, capsys):
    out = desk / "out.png"
    run("paint", desk / "sketches/s0.png", desk / "references/r0.jpg", "-o", out, "--model", bundle, "--json")
    report = json.loads(capsys.readouterr().out)
    assert report["done"][0]["output"] == str(out) and report["done"][0]["width"] == 48 and report["failed"] == []


def test_size_is_the_short_side(desk, bundle):
    out = desk / "big.png"
    run("paint", desk / "sketches/s0.png", desk / "references/r0.jpg", "-o", out, "--model", bundle, "--size", 96)
    assert load_image(out).shape == (1, 3, 128, 96)


def test_transfer_mix_and_grid(desk, bundle):
    model = ["--model", bundle]
    assert run("transfer", desk / "references/r0.jpg", desk / "references/r1.jpg", "-o", desk / "t.png", *model) == 0
    assert load_image(desk / "t.png").shape == (1, 3, 32, 40)
    references = [desk / "references/r0.jpg", desk / "references/r1.jpg"]
    assert run("mix", desk / "sketches/s0.png", *references, "--weights", "1,3", "-o", desk / "m.png", *model) == 0
    assert run("grid", desk / "sketches", desk / "references", "-o", desk / "g.png", "--tile", 32, *model) == 0
    assert load_image(desk / "g.png").shape == (1, 3, 3 * 36 - 4, 3 * 36 - 4)


def test_a_mix_of_one_weight_is_that_reference(desk, bundle):
    references = [desk / "references/r0.jpg", desk / "references/r1.jpg"]
    run("mix", desk / "sketches/s0.png", *references, "--weights", "0,1", "-o", desk / "m.png", "--model", bundle)
    run("paint", desk / "sketches/s0.png", references[1], "-o", desk / "p.png", "--model", bundle)
    assert torch.equal(load_image(desk / "m.png"), load_image(desk / "p.png"))


def test_png_keeps_the_alpha_of_a_cut_out(desk, bundle):
    sketch = Image.new("RGBA", (48, 48), (255, 255, 255, 255))
    sketch.paste((0, 0, 0, 0), (0, 0, 10, 48))
    sketch.save(desk / "cut.png")
    run("paint", desk / "cut.png", desk / "references/r0.jpg", "-o", desk / "o.png", "--model", bundle)
    with Image.open(desk / "o.png") as painted:
        assert painted.mode == "RGBA" and painted.getpixel((2, 20))[3] == 0 and painted.getpixel((40, 20))[3] == 255


def test_info_tells_what_a_bundle_is(bundle, capsys):
    assert run("info", bundle) == 0
    text = capsys.readouterr().out
    assert "configuration tiny" in text and "decoder" in text and "licence: mit" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["paint", "none.png", "{r}"], "none.png"),
        (["paint", "{s}", "none.jpg"], "none.jpg"),
        (["paint", "{s}", "{r}", "--model", "none.safetensors"], "none.safetensors"),
        (["paint", "{s}", "{r}", "--device", "cuda:99"], "--device"),
        (["paint", "{s}", "{r}", "--line-opacity", "7"], "line_opacity"),
        (["paint", "{desk}/*.gif", "{r}"], "nothing matches"),
        (["paint", "{desk}/sketches", "{r}", "-o", "one.png"], "name a folder"),
        (["mix", "{s}", "{r}", "{r}", "--weights", "1"], "weights"),
        (["sketch", "{r}", "--variant", "99"], "variant"),
        (["info", "{desk}/broken.png"], "broken.png"),
    ],
)
def test_a_failed_input_is_one_line_and_exit_code_1(desk, bundle, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(desk)
    values = {"s": desk / "sketches/s0.png", "r": desk / "references/r0.jpg", "desk": desk}
    arguments = [a.format(**values) for a in arguments]
    if "--model" not in arguments and arguments[0] != "info":
        arguments += ["--model", bundle]
    assert run(*arguments) == 1
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1 and "Traceback" not in error


@pytest.mark.parametrize("arguments", [[], ["paint"], ["fly"], ["paint", "a", "b", "--size", "2"], ["mix", "a"]])
def test_wrong_usage_is_exit_code_2(arguments):
    with pytest.raises(SystemExit) as stop:
        build_parser().parse_args(arguments)
    assert stop.value.code == 2


def test_the_module_runs_as_a_program():
    done = subprocess.run([sys.executable, "-m", "s2i", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("s2i ")
