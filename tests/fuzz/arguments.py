"""Command lines as people mistype them: odd numbers, odd names, files that are not what they should be."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from . import desk
from .outcomes import Expect, Outcome, of_command

_NUMBERS = ("0", "1", "-1", "16", "64", "200", "16384", "99999", "nan", "inf", "-inf", "1e400", "0.5", "x", "", "1e-9",
            "9" * 400, "\N{ARABIC-INDIC DIGIT THREE}")  # fmt: skip
_NAMES = ("sketch.png", "reference.png", "folder", "mixed", "missing.png", "", ".", "..", "~x.png", "fifo.png",
          "text.png", "empty.png", "loop", "*.png", "[", "**", "a" * 300 + ".png", "\x1b[31m.png", "new\nline.png",
          "out.gif", "out.jpg", "no/such/folder/x.png", "sketch.png/x.png", "tiny.safetensors", "/dev/null", "-", "--",
          "\udcff.png", "\N{SNOWMAN}" * 80 + ".png", "CON", "shards")  # fmt: skip
_COMMANDS = {"paint": 2, "sketch": 1, "transfer": 2, "mix": 2, "grid": 2, "batch": 2, "info": 1, "download": 1}
_OPTIONS = ("--seed", "--size", "--working-size", "--strength", "--line-opacity", "--variant", "--line-weight",
            "--weights", "--tile", "--batch")  # fmt: skip
_WORDS = ("--device", "--dtype", "--polarity", "--mask", "--model", "--revision", "--filename")
_CHOICES = ("cpu", "cuda", "meta", "cuda:99", "mps", "fp32", "bf16", "int8", "auto", "light_lines", "dark_lines",
            "sketch.png", "tiny.safetensors", "../x.safetensors", "owner/name",
            "owner/name:../x.safetensors")  # fmt: skip
_SANE = {"--seed": "7", "--size": "64", "--working-size": "32", "--strength": "0.5", "--line-opacity": "1",
         "--variant": "1", "--line-weight": "2", "--weights": "1,2", "--tile": "32", "--batch": "2", "--device": "cpu",
         "--dtype": "fp32", "--polarity": "auto", "--mask": "sketch.png", "--model": "tiny.safetensors",
         "--revision": "main", "--filename": "x.safetensors"}  # fmt: skip
_FITTING = {"paint": 5, "mix": 5, "grid": 5, "transfer": 5, "batch": 5, "sketch": 0, "info": 0, "download": 0}


@st.composite
def arguments(draw: st.DrawFn) -> list[str]:
    command = draw(st.sampled_from(sorted(_COMMANDS)))
    odd = st.integers(0, 5).map(lambda n: n == 0)  # one word in six, or hardly any line would be taken
    good = ("folder" if command == "batch" else "sketch.png", "reference.png")
    found = [command, *(draw(st.sampled_from(_NAMES)) if draw(odd) else good[i] for i in range(_COMMANDS[command]))]
    for _ in range(draw(st.integers(0, 3))):
        known = _OPTIONS[: _FITTING[command]] or _OPTIONS
        option = draw(st.sampled_from((*_OPTIONS, *_WORDS) if draw(odd) else known))
        strange = st.sampled_from(_NUMBERS if option in _OPTIONS else _CHOICES)
        found += [option, draw(strange) if draw(odd) else _SANE[option]]
    if command not in ("info", "download"):
        usual = "painted" if command == "batch" else "result.png"
        found += ["-o", draw(st.sampled_from(_NAMES)) if draw(odd) else usual]
        if "--model" not in found:
            found += ["--model", "tiny.safetensors"]
    return found


@cache
def _table() -> Path:
    """A folder of good and bad files, made anew for every process."""
    table = desk.folder() / "room" / "table"  # what goes to .. stays in the room
    for name in ("folder", "mixed", "shards"):
        (table / name).mkdir(parents=True)
    sketch, reference = desk.sketch().read_bytes(), desk.reference().read_bytes()
    for name, data in (("sketch.png", sketch), ("reference.png", reference), ("folder/a.png", sketch),
                       ("folder/A.png", reference), ("mixed/a.png", sketch), ("mixed/bad.png", b"no picture"),
                       ("text.png", b"hello"), ("empty.png", b""), ("shards/x.tar", b"no archive"),
                       ("tiny.safetensors", desk.bundle().read_bytes())):  # fmt: skip
        (table / name).write_bytes(data)
    os.mkfifo(table / "fifo.png")
    os.symlink("loop", table / "loop")
    return table


@cache
def _inputs() -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in sorted(_table().rglob("*")) if p.is_file()}


def try_arguments(case: list[str]) -> Outcome:
    table, inputs, before = _table(), _inputs(), os.getcwd()
    os.environ.update(HF_HUB_OFFLINE="1", S2I_MODELS_DIR=str(desk.folder() / "models"))
    os.chdir(table)
    try:
        outcome = of_command(case, lambda: True, Expect.ANY)
    finally:
        os.chdir(before)
    lost = [path for path, data in inputs.items() if not path.is_file() or path.read_bytes() != data]
    for path in lost:
        path.write_bytes(inputs[path])
    _clear(table, inputs)
    if lost:
        return Outcome.WRONG
    return Outcome.CORRECT if outcome is Outcome.TOLERATED else outcome


def _clear(table: Path, inputs: dict[Path, bytes]) -> None:
    """Take away what the case wrote."""
    for path in sorted(table.rglob("*"), reverse=True):
        if path.is_symlink() or path.is_fifo() or path in inputs:
            continue
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        else:
            path.unlink()
