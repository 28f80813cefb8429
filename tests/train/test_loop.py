"""The loop: exact resume, accumulation, stopping, what goes wrong."""

from __future__ import annotations

import torch

from tests.train.toy import run_toy, state_of


def test_three_steps_and_three_after_a_resume_equal_six(tmp_path):
    straight = state_of(run_toy(tmp_path / "a", pictures=24))
    run_toy(tmp_path / "b", pictures=12)
    resumed = state_of(run_toy(tmp_path / "b", pictures=24, resume="latest"))
    assert straight.tensors.keys() == resumed.tensors.keys()
    for name, tensor in straight.tensors.items():
        assert torch.equal(tensor, resumed.tensors[name]), name
    assert straight.meta["step"] == resumed.meta["step"] == 6
