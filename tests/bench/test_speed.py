"""The speed bench on a tiny model."""

import json

import torch
from PIL import Image

from bench.speed import alternate, model_steps, ratios, speed_table, time_models
from bench.speed_plot import speed_plot
from s2i.config import ModelConfig
from s2i.pipeline import SketchToImage


def test_contenders_take_turns_and_ratios_are_within_a_round():
    order = []
    seconds = alternate({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 3)
    assert order == ["a", "b"] * 4 and [len(v) for v in seconds.values()] == [3, 3]
    assert ratios([1.0, 2.0, 4.0], [2.0, 2.0, 2.0]) == (0.5, 1.0, 2.0)


def test_speed_of_a_tiny_model_makes_a_table_and_a_plot(monkeypatch, tmp_path):
    tiny = SketchToImage.from_config(ModelConfig.tiny())
    monkeypatch.setattr("bench.speed._models", lambda *a: (tiny, tiny))
    monkeypatch.setattr("bench.speed.extractor_contenders", lambda *a: {"HED": lambda: None})
    threads = torch.get_num_threads()
    rows = time_models([32, 64], threads, "fp32", rounds=2)
    assert {r.step for r in rows} == set(model_steps(tiny, 32))
    assert all(r.ratio == (1, 1, 1) for r in rows if r.contender == "ours")
    assert "| whole chain | 32² |" in speed_table(rows)
    measured = tmp_path / "speed.json"
    measured.write_text(json.dumps({"rows": [vars(r) for r in rows]}))
    speed_plot(measured, tmp_path / "speed.png")
    assert Image.open(tmp_path / "speed.png").width > 300
