"""`s2i bench` measures every step, and says so as a table and as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch

from s2i.cli import bench
from s2i.cli.main import main


def test_every_step_of_every_size_is_measured(monkeypatch):
    from s2i.config import ModelConfig

    monkeypatch.setattr(bench, "bundled_path", lambda: Path("none"))
    monkeypatch.setattr(ModelConfig, "art", ModelConfig.tiny)
    results = bench.measure([64, 160], runs=1)  # a tiny draft has 32 pixels: both sizes are refined
    assert len(results["steps"]) == 12
    for row in results["steps"]:
        assert row["seconds"] > 0 and row["gmac"] > 0 and row["peak_mb"] > 0
    chain = {r["size"]: r["gmac"] for r in results["steps"] if r["step"] == "whole chain"}
    assert chain[160] > chain[64], "the refiner works at the output's size"
    text = bench.table(results)
    assert "| 64² | whole chain |" in text and "Parameters:" in text


def test_json_is_json(monkeypatch, capsys):
    monkeypatch.setattr(bench, "measure", lambda *_: {"threads": 1, "parameters": {}, "steps": []})
    assert main(["bench", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["done"][0]["threads"] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forgets the mark of what ran before")
def test_peak_memory_is_the_steps_own():
    large = bench._peak_megabytes(lambda: torch.ones(100_000_000).sum())
    small = bench._peak_megabytes(lambda: torch.ones(10).sum())
    assert small > 0 and large - small > 300, "400 MB were held by the first step only"


def test_where_memory_cannot_be_measured_the_rest_is():
    row = {"size": 32, "step": "decode", "seconds": 0.5, "gmac": 1.0, "peak_mb": None}
    assert "| 32² | decode | 0.500 | 1.00 |  |" in bench.table({"threads": 1, "parameters": {}, "steps": [row]})
