"""What a new run may start from, and what a configuration may build upon."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from tests.train.engine.toy import DEFAULTS, ToyStage, run_toy, state_of
from train.engine.loop import train
from train.engine.toml_config import read_config
from train.errors import TrainError


class Wider(ToyStage):
    """The toy with a network more, and a layer of another size."""

    def __init__(self, config):
        super().__init__(config, adversarial=False)
        self.networks["generator"].extra = nn.Linear(2, 2)
        self.networks["critic"] = nn.Conv2d(3, 2, 4, 4)


def test_an_ablation_starts_from_what_fits_and_the_rest_afresh(tmp_path, caplog):
    first = state_of(run_toy(tmp_path / "a", num_images=8))
    config = replace(DEFAULTS, out=str(tmp_path / "b"), init=str(tmp_path / "a"), num_images=0)
    with caplog.at_level("INFO"):
        second = state_of(train(Wider(config), config))
    for kind in ("networks", "ema"):
        name = f"{kind}.generator.conv.weight"
        assert torch.equal(second.tensors[name], first.tensors[name])
    fresh = "networks.generator.extra.weight", "ema.generator.extra.weight"
    assert torch.equal(*(second.tensors[name] for name in fresh))
    assert second.tensors["networks.critic.weight"].shape[0] == 2
    assert "critic: 2 tensors start afresh" in caplog.text and second.meta["samples_seen"] == 0


def test_a_stage_that_no_bundle_holds_says_so(tmp_path):
    from safetensors.torch import save_file

    from s2i.bundle import FORMAT

    save_file({"x": torch.zeros(1)}, tmp_path / "bundle.safetensors", {"format": FORMAT, "format_version": "0"})
    with pytest.raises(Exception, match="bundle"):
        run_toy(tmp_path / "a", init=str(tmp_path / "bundle.safetensors"))


def test_a_configuration_builds_upon_another(tmp_path):
    (tmp_path / "rows").mkdir()
    (tmp_path / "base.toml").write_text("[loop]\nbatch = 4\nseed = 1\n[weights]\na = 1.0\n")
    (tmp_path / "rows" / "row.toml").write_text('extends = "../base.toml"\n[loop]\nbatch = 8\n[samples]\nsize = 32\n')
    assert read_config(tmp_path / "rows" / "row.toml") == {
        "loop": {"batch": 8, "seed": 1}, "weights": {"a": 1.0}, "samples": {"size": 32}}
    (tmp_path / "stray.toml").write_text("batch = 4\n")
    with pytest.raises(TrainError, match="no table"):
        read_config(tmp_path / "stray.toml")


def test_clipping_can_be_left_to_something_else(tmp_path):
    """Some networks are bounded by other means."""

    class Unclipped(ToyStage):
        clip = True

        def __init__(self, config):
            super().__init__(config, adversarial=False)
            self.optimizers["generator"] = torch.optim.SGD(self.networks["generator"].parameters(), 1.0)

        def step(self, batch, run):
            loss = 100 * (run.networks["generator"](batch["image"]) - batch["image"]).abs().mean()
            run.backward(loss)
            run.update("generator", clip=self.clip)
            return {"l1": loss}

    moved = []
    for clip in (True, False):
        config = replace(DEFAULTS, out=str(tmp_path / str(clip)), num_images=4, clip=0.01, warmup_images=0)
        stage = Unclipped(config)
        stage.clip = clip
        before = stage.networks["generator"].conv.weight.detach().clone()
        train(stage, config)
        moved.append(float((stage.networks["generator"].conv.weight - before).norm()))
    assert moved[0] <= 0.011 and moved[1] > 10 * moved[0]
