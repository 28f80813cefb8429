"""A style's file comes back the same, is small, and is refused in one line where it is something else."""

from __future__ import annotations

import json
import os
import struct

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from s2i import StyleCode
from s2i.errors import S2IError
from tests.s2i.codes.style_codes import code, same


def test_save_and_load_are_bit_equal(tmp_path):
    original = code(3, batch=2)
    original.save(tmp_path / "style.safetensors")
    assert same(StyleCode.load(tmp_path / "style.safetensors"), original)
    assert [p.name for p in tmp_path.iterdir()] == ["style.safetensors"]


@pytest.mark.parametrize("content", [b"", b"not a style", b"\x80\x04K\x01."])
def test_a_damaged_style_file_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(S2IError, match=r"bad\.safetensors") as error:
        StyleCode.load(path)
    assert "\n" not in str(error.value)


def test_a_saved_style_is_small_and_holds_no_picture(tmp_path):
    """320 tokens of a 256² reference: under a megabyte, and no tensor that could be one of its pixels."""
    big = StyleCode(torch.zeros(1, 5, 256), torch.randn(1, 320, 256).half().float(), torch.ones(1, 320),
                    torch.zeros(1, 3), torch.eye(3)[None])
    big.save(tmp_path / "big.safetensors")
    assert (tmp_path / "big.safetensors").stat().st_size < 1_000_000
    assert same(StyleCode.load(tmp_path / "big.safetensors"), big)


def test_a_style_file_of_another_version_says_so(tmp_path):
    path = tmp_path / "old.safetensors"
    code(3).save(path)
    with safe_open(path, "pt") as file:
        facts, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    save_file(tensors, path, {**facts, "format_version": "1"})
    with pytest.raises(S2IError, match="another version"):
        StyleCode.load(path)


def test_a_file_that_promises_too_much_is_refused_before_it_is_read(tmp_path):
    """Eight gigabytes of nothing, which take no room on the disk."""
    header = {"vectors": {"dtype": "F32", "shape": [1, 2**21, 2**10], "data_offsets": [0, 2**33]},
              "__metadata__": {"format": "s2i-style", "format_version": "3"}}  # fmt: skip
    text = json.dumps(header).encode()
    path = tmp_path / "huge.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    os.truncate(path, 8 + len(text) + 2**33)
    with pytest.raises(S2IError, match=r"style file .*huge\.safetensors holds 2,147,483,648 numbers"):
        StyleCode.load(path)
