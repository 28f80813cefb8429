"""A training's log as curves."""

import json

import numpy as np
import pytest
from PIL import Image

from bench.training import plot_logs, read_log, smoothed
from s2i.errors import S2IError


def test_a_resumed_log_counts_what_came_last(tmp_path):
    rows = [{"samples_seen": n, "step": n, "loss": float(n)} for n in (8, 16, 24)] + [{"samples_seen": 16, "loss": 1.0}]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [(row["samples_seen"], row["loss"]) for row in read_log(tmp_path)] == [(8, 8.0), (16, 1.0)]
    with pytest.raises(S2IError, match="no training log"):
        read_log(tmp_path / "elsewhere")
    (tmp_path / "log.jsonl").write_text('{"samples_seen": 8, "loss": 1}\n{"samples_seen": 16, "lo')
    with pytest.raises(S2IError, match=r"line 2 of .* is no row"):
        read_log(tmp_path)


def test_every_objective_of_every_run_gets_a_panel(tmp_path):
    first = [{"samples_seen": 8 * i, "lr_factor": 1.0, "reconstruction": 1 / i, "edge": 0.1} for i in range(1, 9)]
    second = [{"samples_seen": 8 * i, "adversarial": 0.3, "reconstruction": 0.5} for i in range(1, 4)]
    logs = {"auto-encoder": first, "refiner": second}
    terms = plot_logs(logs, tmp_path / "training.png")
    assert terms == ["edge", "reconstruction", "adversarial", "reconstruction"]
    assert plot_logs(logs, tmp_path / "both.png", together=True) == ["adversarial", "edge", "reconstruction"]
    for name in ("training.png", "both.png"):
        with Image.open(tmp_path / name) as picture:
            assert picture.width > 600 and np.asarray(picture.convert("L")).std() > 5


def test_smoothing_is_against_pictures():
    assert np.allclose(smoothed(range(50), [2.0] * 50), 2.0)
    assert np.ptp(smoothed(range(200), [0.0, 1.0] * 100)[20:-20]) < 0.05
    # Half of the pictures at 0 in a hundred rows, half at 1 in ten: where they meet is the middle, not mostly 0.
    pictures = [*range(0, 100), *range(100, 200, 10)]
    values = [0.0] * 100 + [1.0] * 10
    assert abs(np.interp(100, pictures, smoothed(pictures, values, 0.1)) - 0.5) < 0.15
