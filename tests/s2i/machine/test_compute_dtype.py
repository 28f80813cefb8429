"""The number format is measured once, remembered, and measured again only for another machine."""

from __future__ import annotations

import json

import pytest
import torch

from s2i.machine import compute_dtype
from s2i.machine.compute_dtype import cache_file, fastest_dtype


@pytest.fixture
def timed(monkeypatch, tmp_path):
    """A processor with bfloat16 products, whose speed in it is set by the test: seconds by dtype, and a call count."""
    monkeypatch.setenv("S2I_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(compute_dtype, "multiplies_bfloat16", lambda: True)
    seconds, calls = {torch.float32: 1.0, torch.bfloat16: 0.5}, []
    monkeypatch.setattr(compute_dtype, "_seconds", lambda dtype: calls.append(dtype) or seconds[dtype])
    return seconds, calls


def test_the_faster_format_wins_and_is_remembered(timed):
    seconds, calls = timed
    assert fastest_dtype("cpu") == torch.bfloat16 and len(calls) == 2
    seconds[torch.bfloat16] = 9.0
    assert fastest_dtype("cpu") == torch.bfloat16 and len(calls) == 2, "remembered, not measured again"


def test_a_small_gain_is_not_worth_the_rounding(timed):
    timed[0][torch.bfloat16] = 0.95
    assert fastest_dtype("cpu") == torch.float32


def test_another_number_of_threads_is_another_measurement(timed, monkeypatch):
    fastest_dtype("cpu")
    monkeypatch.setattr(torch, "get_num_threads", lambda: 77)
    fastest_dtype("cpu")
    assert len(timed[1]) == 4 and len(json.loads(cache_file().read_text())) == 2


@pytest.mark.parametrize("content", ["", "[1]", "{", "\x00"])
def test_a_damaged_cache_is_measured_anew(timed, content):
    cache_file().parent.mkdir(parents=True)
    cache_file().write_text(content)
    assert fastest_dtype("cpu") == torch.bfloat16


def test_where_nothing_can_be_written_it_still_answers(timed, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("S2I_CACHE_DIR", str(tmp_path / "file" / "below"))
    assert fastest_dtype("cpu") == torch.bfloat16


def test_without_bfloat16_products_nothing_is_measured(timed, monkeypatch):
    monkeypatch.setattr(compute_dtype, "multiplies_bfloat16", lambda: False)
    assert fastest_dtype("cpu") == torch.float32 and not timed[1]


def test_both_formats_can_really_be_timed():
    assert all(compute_dtype._seconds(dtype) > 0 for dtype in (torch.float32, torch.bfloat16))
