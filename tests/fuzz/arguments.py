"""Command lines as people mistype them: odd numbers, odd names, files that are not what they should be."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from PIL import Image

from . import desk
from .outcomes import Expect, Outcome, of_command

_NUMBERS = ("0", "1", "-1", "16", "64", "200", "16384", "99999", "nan", "inf", "-inf", "1e400", "0.5", "x", "", "1e-9",
            "9" * 400, "\N{ARABIC-INDIC DIGIT THREE}")  # fmt: skip
_NAMES = ("sketch.png", "reference.png", "folder", "mixed", "missing.png", "", ".", "..", "~x.png", "fifo.png",
          "text.png", "empty.png", "loop", "*.png", "[", "**", "a" * 300 + ".png", "\x1b[31m.png", "new\nline.png",
          "out.gif", "out.jpg", "no/such/folder/x.png", "sketch.png/x.png", "tiny.safetensors", "/dev/null", "-", "--",
          "\udcff.png", "\N{SNOWMAN}" * 80 + ".png", "CON", "shards")  # fmt: skip
_PAINTING = ("--seed", "--size", "--working-size", "--strength", "--line-opacity", "--device", "--dtype", "--model")
_DRAWING, _LINES = ("--polarity",), ("--variant", "--line-weight")
# The words that a command needs, and the options that it takes.
_COMMANDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "paint": (("sketch.png", "reference.png"), (*_PAINTING, *_DRAWING, "--mask")),
    "mix": (("sketch.png", "reference.png"), (*_PAINTING, *_DRAWING, "--weights")),
    "grid": (("sketch.png", "reference.png"), (*_PAINTING, *_DRAWING, "--tile")),
    "character": (("sketch.png", "reference.png", "--part", "reference.png", "mask.png"), (*_PAINTING, *_DRAWING)),
    "transfer": (("reference.png", "reference.png"), (*_PAINTING, *_LINES)),
    "sketch": (("reference.png",), ("--device", "--dtype", "--model", *_LINES)),
    "batch": (("folder", "reference.png"), (*_PAINTING, *_DRAWING, "--batch")),
    "palette": (("reference.png",), ("--count",)),
    "info": (("tiny.safetensors",), ()),
    "download": (("tiny.safetensors",), ("--revision", "--filename")),
}
_WORDS = ("cpu", "cuda", "meta", "cuda:99", "mps", "fp32", "bf16", "int8", "auto", "light_lines", "dark_lines",
          "sketch.png", "tiny.safetensors", "../x.safetensors", "owner/name",
          "owner/name:../x.safetensors")  # fmt: skip
_SANE = {"--seed": "7", "--size": "64", "--working-size": "32", "--strength": "0.5", "--line-opacity": "1",
         "--variant": "1", "--line-weight": "2", "--weights": "2", "--tile": "32", "--batch": "2", "--count": "3",
         "--device": "cpu", "--dtype": "fp32", "--polarity": "auto", "--mask": "sketch.png",
         "--model": "tiny.safetensors", "--revision": "main", "--filename": "x.safetensors"}  # fmt: skip
_IN_WORDS = ("--device", "--dtype", "--polarity", "--mask", "--model", "--revision", "--filename")
_RESULT = {"batch": "painted", "palette": "result.gpl"}


@dataclass(frozen=True)
class ArgumentsCase:
    """words: the command line; sane: whether nothing about it is odd, so that it must be obeyed."""

    words: tuple[str, ...]
    sane: bool

    @property
    def out(self) -> str | None:
        return self.words[self.words.index("-o") + 1] if "-o" in self.words else None

    @property
    def read(self) -> tuple[str, ...]:
        """Every word that may name an input."""
        return tuple(word for i, word in enumerate(self.words[1:], 1) if self.words[i - 1] != "-o")


@st.composite
def arguments(draw: st.DrawFn) -> ArgumentsCase:
    command = draw(st.sampled_from(sorted(_COMMANDS)))
    strange = draw(st.integers(0, 2)) > 0  # a third of the lines are sane; of the others one word in four is odd
    words, takes = _COMMANDS[command]
    oddities = 0

    def chosen(usual: str, odd: tuple[str, ...]) -> str:
        nonlocal oddities
        if not strange or draw(st.integers(0, 3)):
            return usual
        oddities += 1
        return draw(st.sampled_from(odd))

    found = [command, *(w if w.startswith("--") else chosen(w, _NAMES) for w in words)]
    for _ in range(draw(st.integers(0, 3)) if takes else 0):
        option = chosen(draw(st.sampled_from(takes)), tuple(_SANE))
        found += [option, chosen(_SANE[option], _WORDS if option in _IN_WORDS else _NUMBERS)]
    if command not in ("info", "download"):
        found += ["-o", chosen(_RESULT.get(command, "result.png"), _NAMES)]
        if "--model" not in found and "--model" in takes:
            found += ["--model", "tiny.safetensors"]
    return ArgumentsCase(tuple(found), oddities == 0)


@cache
def _table() -> Path:
    """A folder of good and bad files, made anew for every process."""
    table = desk.folder() / "room" / "table"  # what goes to .. stays in the room
    for name in ("folder", "mixed", "shards"):
        (table / name).mkdir(parents=True)
    sketch, reference = desk.sketch().read_bytes(), desk.reference().read_bytes()
    mask = io.BytesIO()
    Image.new("L", (40, 48), 255).save(mask, "PNG")
    for name, data in (("sketch.png", sketch), ("reference.png", reference), ("mask.png", mask.getvalue()),
                       ("folder/a.png", sketch), ("folder/A.png", reference), ("mixed/a.png", sketch),
                       ("mixed/bad.png", b"no picture"), ("text.png", b"hello"), ("empty.png", b""),
                       ("shards/x.tar", b"no archive"),
                       ("tiny.safetensors", desk.bundle().read_bytes())):  # fmt: skip
        (table / name).write_bytes(data)
    os.mkfifo(table / "fifo.png")
    os.symlink("loop", table / "loop")
    return table


@cache
def _inputs() -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in sorted(_table().rglob("*")) if p.is_file()}


def try_arguments(case: ArgumentsCase) -> Outcome:
    table, inputs, before = _table(), _inputs(), os.getcwd()
    os.environ.update(HF_HUB_OFFLINE="1", S2I_MODELS_DIR=str(desk.folder() / "models"))
    os.chdir(table)
    try:
        outcome = of_command(case.words, lambda: _made_what_was_asked(case, table, inputs),
                             Expect.GOOD if case.sane else Expect.ANY)  # fmt: skip
        lost = [path for path, data in inputs.items() if not path.is_file() or path.read_bytes() != data]
        # A file that is there may be written over where -o names it, unless the same line reads it.
        meant = None if case.out is None or _reads(case, case.out) else Path(os.path.realpath(case.out))
    finally:
        os.chdir(before)
    for path in lost:
        path.write_bytes(inputs[path])
    _clear(table, inputs)
    if any(path != meant for path in lost):
        return Outcome.WRONG
    # An odd line that was obeyed, and whose results are what it asked for, is no damage.
    return Outcome.CORRECT if outcome is Outcome.TOLERATED else outcome


def _reads(case: ArgumentsCase, name: str) -> bool:
    try:
        return any(os.path.samefile(word, name) for word in case.read if word and os.path.exists(word))
    except (OSError, ValueError):
        return False


def _made_what_was_asked(case: ArgumentsCase, table: Path, inputs: dict[Path, bytes]) -> bool:
    """Whether a line that was obeyed left pictures of the size it asked for, with something in them."""
    command = case.words[0]
    if case.out is None:
        return True
    files = [p for p in table.parent.rglob("*") if p.is_file() and not p.is_symlink()]
    made = [p for p in files if p.read_bytes() != inputs.get(p) and p.suffix != ".json"]  # but for a batch's reports
    if command == "palette":
        return bool(made) and all(p.read_bytes().startswith(b"GIMP Palette") for p in made)
    spread = 0.0 if command == "sketch" else 0.5  # random weights may see no lines
    if not made or not all(desk.is_a_painting(p, None, spread) for p in made):
        return False
    sized = "--size" in case.words and command != "grid"
    return not sized or all(min(_size(p)) == int(_last(case.words, "--size")) for p in made)


def _last(words: Sequence[str], option: str) -> str:
    return words[len(words) - 1 - words[::-1].index(option) + 1]


def _size(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def _clear(table: Path, inputs: dict[Path, bytes]) -> None:
    """Take away what the case wrote."""
    for path in sorted(table.parent.rglob("*"), reverse=True):
        if path.is_symlink() or path.is_fifo() or path in inputs:
            continue
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        else:
            path.unlink()
