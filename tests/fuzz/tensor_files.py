"""Model and style files: a good one, and what strangers may have made of it."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from . import desk
from .outcomes import Expect, Outcome, of_command, of_library

_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.integers(-3, 3000),
              st.floats(allow_nan=True), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=6), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=12,
)  # fmt: skip
# After these the numbers may be others, and nobody can know; after all others a file that is taken is the one it was.
_TOUCHES_NUMBERS = ("config", "flip", "values")
_CHANGES = ("config", "words", "entry", "drop", "rename", "flip", "cut", "append", "values", "header", "deep", "none")


@dataclass(frozen=True)
class FileCase:
    """change: one of `_CHANGES`; where, which: places in the file and in its tables; value: what is put there."""

    change: str
    where: float
    which: int
    value: Any


@st.composite
def tensor_files(draw: st.DrawFn) -> FileCase:
    change = draw(st.sampled_from(_CHANGES))
    return FileCase(change, draw(st.floats(0, 1)), draw(st.integers(0, 10**6)), draw(_VALUES))


def changed(data: bytes, case: FileCase) -> bytes:
    length = struct.unpack("<Q", data[:8])[0]
    header, body = json.loads(data[8 : 8 + length]), bytearray(data[8 + length :])
    names = sorted(k for k in header if k != "__metadata__")
    name = names[case.which % len(names)]
    words = header["__metadata__"]
    if case.change == "config" and "config" in words:
        config = json.loads(words["config"])
        _put(config, case.which, case.value)
        words["config"] = _text(config)
    elif case.change in ("words", "config"):
        words[sorted(words)[case.which % len(words)]] = case.value if case.where > 0.5 else _text(case.value)
    elif case.change == "entry":
        header[name][("dtype", "shape", "data_offsets")[case.which % 3]] = case.value
    elif case.change == "drop":
        del header[name]
    elif case.change == "rename":
        header[_text(case.value)[:60]] = header.pop(name)
    elif case.change == "values":
        start, end = header[name]["data_offsets"]
        body[start:end] = (b"\xff\x7f", b"\x00\x7c", b"\xff\x7b", b"\x00\x00")[case.which % 4] * ((end - start) // 2)
    elif case.change == "header":
        return struct.pack("<Q", int(case.where * 2**64) % 2**64) + data[8:]
    elif case.change == "deep":
        text = b"[" * (1 + case.which % 300_000)
        return struct.pack("<Q", len(text)) + text + bytes(body)
    text = _text(header).encode("utf-8", "surrogatepass")
    whole = bytearray(struct.pack("<Q", len(text)) + text + body)
    if case.change == "flip":
        for place in np.random.default_rng(case.which).integers(0, len(whole), 1 + int(case.where * 4)):
            whole[place] ^= 1 << (case.which % 8)
    elif case.change == "cut":
        whole = whole[: int(case.where * len(whole))]
    elif case.change == "append":
        whole += b"more" * (1 + case.which % 9)
    return bytes(whole)


def _text(value: Any) -> str:
    return json.dumps(value)


def _put(table: dict[str, Any], which: int, value: Any) -> None:
    """Another value for one setting, in a table inside the table now and then."""
    name = sorted(table)[which % len(table)]
    if isinstance(table[name], dict) and which % 3:
        _put(table[name], which // 3, value)
    else:
        table[name] = value


@cache
def _known_painting() -> bytes:
    out = desk.folder() / "known.png"
    of_command(_paint(desk.bundle(), out), lambda: True, Expect.GOOD)
    return out.read_bytes()


def _paint(model: object, out: object) -> list[str]:
    return ["paint", str(desk.sketch()), str(desk.reference()), "-o", str(out), "--model", str(model)]


def try_bundle(case: FileCase) -> Outcome:
    known, path, out = _known_painting(), desk.folder() / "case.safetensors", desk.folder() / "by_case.png"
    original = desk.bundle().read_bytes()
    data = changed(original, case)
    path.write_bytes(data)
    out.unlink(missing_ok=True)
    if case.change == "none":
        return of_command(_paint(path, out), lambda: out.read_bytes() == known, Expect.GOOD)
    shown = of_command(["info", str(path)], lambda: True, Expect.ANY)
    if shown is not Outcome.TOLERATED and shown is not Outcome.REFUSED:
        return shown
    unchanged = case.change not in _TOUCHES_NUMBERS
    return of_command(_paint(path, out), lambda: out.is_file() and (not unchanged or out.read_bytes() == known),
                      Expect.ANY)  # fmt: skip


@cache
def _known_style() -> bytes:
    from s2i.imaging.files.picture_files import load_image

    path = desk.folder() / "known_style.safetensors"
    desk.model().encode_style(load_image(desk.reference())).save(path)
    return path.read_bytes()


def _draft(path: Path) -> torch.Tensor:
    from s2i import StyleCode

    return desk.model().decode(_content(), StyleCode.load(path))


@cache
def _content() -> Any:
    from s2i.imaging.files.picture_files import load_ink

    return desk.model().encode_content(load_ink(desk.sketch()))


@cache
def _known_draft() -> torch.Tensor:
    _known_style()
    return _draft(desk.folder() / "known_style.safetensors")


def try_style(case: FileCase) -> Outcome:
    path = desk.folder() / "case_style.safetensors"
    path.write_bytes(changed(_known_style(), case))
    known, unchanged = _known_draft(), case.change not in _TOUCHES_NUMBERS

    def work() -> bool:
        draft = _draft(path)
        return desk.is_image(draft, tuple(known.shape)) and (not unchanged or torch.equal(draft, known))

    return of_library(work, Expect.GOOD if case.change == "none" else Expect.ANY)
