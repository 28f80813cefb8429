"""Where results go: never over an artist's file, and never two into one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from s2i.cli.main import main
from s2i.cli.outputs import distinct_names, output_paths
from s2i.errors import S2IError
from tools.small_bundles import write_tiny_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> str:
    return str(write_tiny_bundle(tmp_path_factory.mktemp("model") / "tiny.safetensors"))


def draw(path: Path) -> Path:
    """A small drawing that no painting equals."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", (40, 40), "white")
    picture.paste((0, 0, 0), (10, 10, 12, 30))
    picture.save(path)
    return path


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Path:
    for name in ("a.png", "ref.jpg", "dir/a.png", "dir/b.png"):
        draw(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("command", "victim"),
    [
        ("paint a.png ref.jpg -o .", "a.png"),
        ("paint a.png ref.jpg -o a.png", "a.png"),
        ("paint a.png ref.jpg -o ref.jpg", "ref.jpg"),
        ("paint a.png ref.jpg -o dir/../a.png", "a.png"),
        ("paint dir ref.jpg -o dir", "dir/a.png"),
        ("paint dir ref.jpg -o ./dir/", "dir/a.png"),
        ("paint a.png ref.jpg --mask dir/b.png -o dir/b.png", "dir/b.png"),
        ("sketch dir/a.png -o dir", "dir/a.png"),
        ("transfer a.png ref.jpg -o .", "a.png"),
        ("mix a.png ref.jpg dir/b.png -o .", "a.png"),
        ("mix a.png ref.jpg dir/b.png -o dir/b.png", "dir/b.png"),
        ("grid dir ref.jpg -o ref.jpg", "ref.jpg"),
    ],
)
def test_an_input_is_never_replaced(desk, bundle, capsys, command, victim):
    before = contents(desk)
    assert main([*command.split(), "--model", bundle]) == 1
    error = capsys.readouterr().err
    assert f"would replace {victim}" in error and " try -o " in error and error.count("\n") == 1
    assert contents(desk) == before


def test_a_link_to_a_drawing_is_the_drawing(desk, bundle, capsys):
    os.symlink("a.png", desk / "link.png")
    os.link("a.png", desk / "twin.png")
    before = contents(desk)
    for name in ("link.png", "twin.png"):
        assert main(["paint", "a.png", "ref.jpg", "-o", name, "--model", bundle]) == 1
        assert "a.png, which is an input" in capsys.readouterr().err
    assert contents(desk) == before


def test_the_name_that_is_offered_works(desk, bundle, capsys):
    assert main(["paint", "a.png", "ref.jpg", "-o", ".", "--model", bundle]) == 1
    offered = capsys.readouterr().err.rsplit(" try -o ", 1)[1].strip()
    assert main(["paint", "a.png", "ref.jpg", "-o", offered, "--model", bundle]) == 0
    assert Path(offered).is_file()


def test_two_drawings_that_differ_in_suffix_or_case_become_two_paintings(tmp_path, bundle):
    for name in ("a.png", "a.jpg", "A.png", "sub/a.png", "a-2.png"):
        draw(tmp_path / "in" / name)
    draw(tmp_path / "ref.jpg")
    assert main(["paint", str(tmp_path / "in"), str(tmp_path / "ref.jpg"), "-o", str(tmp_path / "out"),
                 "--model", bundle]) == 0
    names = [p.name for p in (tmp_path / "out").iterdir()]
    assert len(names) == 5 and len({n.casefold() for n in names}) == 5


@given(st.lists(st.text(min_size=1, max_size=120), max_size=12))
def test_names_stay_distinct_and_short_enough_for_any_disk(names):
    found = distinct_names(names)
    assert len({n.casefold() for n in found}) == len(names)
    assert all(0 < len(n.encode("utf-8", "surrogateescape")) < 230 for n in found)


@pytest.mark.parametrize("name", ["out.gif", "out.PSD", "out.svg", "out.mp4", "a.b.c"])
def test_a_format_that_is_not_written_is_an_error_that_lists_the_formats(tmp_path, name):
    with pytest.raises(S2IError, match=r"\.png, \.jpg.*\.tiff") as error:
        output_paths(["s"], str(tmp_path / name))
    assert f"{name}/" in str(error.value) and not list(tmp_path.iterdir())


def test_a_folder_may_be_called_like_a_file(tmp_path):
    assert output_paths(["s"], f"{tmp_path}/out.gif/") == [tmp_path / "out.gif" / "s.png"]
    assert output_paths(["s"], f"{tmp_path}/out.gif") == [tmp_path / "out.gif" / "s.png"], "it exists now"


def test_a_tilde_that_is_nobodys_home_is_a_character(desk, bundle):
    draw(desk / "~x.png")
    assert main(["paint", "~x.png", "ref.jpg", "-o", "~nobody-at-all.png", "--model", bundle]) == 0
    assert (desk / "~nobody-at-all.png").is_file()


def test_a_name_as_long_as_the_disk_allows(desk, bundle):
    longest = "ü" * 125 + ".png"
    draw(desk / longest)
    assert main(["paint", longest, "ref.jpg", "-o", "out", "--model", bundle]) == 0
    assert main(["paint", "a.png", "ref.jpg", "-o", "x" * 250 + ".png", "--model", bundle]) == 0
    assert len(list((desk / "out").iterdir())) == 1 and (desk / ("x" * 250 + ".png")).is_file()
