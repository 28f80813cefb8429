"""One step of the stages that make pictures, on tiny networks."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from s2i.config import ModelConfig
from train.errors import TrainError
from train.losses.identity import RollingIdentity
from train.losses.objectives import PictureObjectives, is_foreign
from train.stages.autoencoder import (
    AutoencoderSchedule,
    AutoencoderStage,
    AutoencoderWeights,
    StyleContent,
    different_partner,
)
from train.stages.painting import model_config
from train.stages.refiner import RefinerSchedule, RefinerStage, RefinerWeights


class Eyes(nn.Module):
    """Stands in for VGG."""

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        return [image, nn.functional.avg_pool2d(image, 2)]


class PlainRun:
    """What a step needs of the loop."""

    def __init__(self, stage, samples_seen: int = 10_000, step: int = 0) -> None:
        self.stage, self.samples_seen, self.step = stage, samples_seen, step
        self.networks, self.generator = stage.networks, torch.Generator().manual_seed(0)
        self.updated: list[str] = []

    def backward(self, loss: torch.Tensor) -> None:
        loss.backward()

    def update(self, name: str) -> None:
        self.updated.append(name)
        self.stage.optimizers[name].step()
        for net in self.networks.values():
            net.zero_grad(set_to_none=True)


def batch(count: int = 4, side: int = 32) -> dict[str, torch.Tensor]:
    g = torch.Generator().manual_seed(0)
    draw = lambda c: torch.rand(count, c, side, side, generator=g)  # noqa: E731
    return {
        "image": draw(3) * 2 - 1,
        "reference": draw(3) * 2 - 1,
        "foreign": draw(3) * 2 - 1,
        "ink": (draw(1) > 0.9).float(),
        "other_ink": (draw(1) > 0.9).float(),
        "index": torch.tensor([0, 0, 1, 2])[:count],
        "foreign_index": torch.tensor([1, 2, 0, 0])[:count],
        "painted": torch.ones(count),
    }


def autoencoder(**weights: float) -> AutoencoderStage:
    torch.manual_seed(0)
    schedule = AutoencoderSchedule(foreign_from=0, adversarial_from=0, foreign_share=0.5, penalty_every=1)
    return AutoencoderStage(ModelConfig.tiny(), Eyes(), 3, AutoencoderWeights(**weights), schedule)


def test_every_objective_of_the_paper_takes_part():
    stage = autoencoder()
    terms = stage.step(batch(), PlainRun(stage))
    expected = {"reconstruction", "perceptual", "contrast", "palette", "range", "content_triplet", "style_triplet",
                "instance", "mutual_information", "adversarial", "critic", "r1", "r2", "classifier"}
    assert expected <= set(terms)
    assert all(torch.isfinite(v) for v in terms.values())


def test_a_foreign_step_has_no_target():
    stage = autoencoder()
    terms = stage.step(batch(), PlainRun(stage, step=1))
    assert {"foreign_palette", "statistics", "edge", "adversarial"} <= set(terms)
    assert not {"reconstruction", "perceptual"} & set(terms)


TERMS = {
    "reconstruction": "reconstruction", "perceptual": "perceptual", "contrast": "contrast", "palette": "palette",
    "out_of_range": "range", "content_triplet": "content_triplet", "style_triplet": "style_triplet",
    "instance": "instance", "mutual_information": "mutual_information", "adversarial": "adversarial",
    "r1": "r1", "r2": "r2",
}


@pytest.mark.parametrize(("weight", "term"), TERMS.items())
def test_a_weight_of_zero_turns_its_term_off(weight, term):
    stage = autoencoder(**{weight: 0.0})
    assert term not in stage.step(batch(), PlainRun(stage))


def test_training_lowers_the_reconstruction_of_one_batch():
    off = {f.name: 0.0 for f in dataclasses.fields(AutoencoderWeights)}
    stage = autoencoder(**{**off, "reconstruction": 1.0})
    stage.schedule = dataclasses.replace(stage.schedule, foreign_share=0.0, token_dropout=0.0)
    for optimizer in stage.optimizers.values():
        optimizer.param_groups[0]["lr"] = 3e-3
    run, values = PlainRun(stage), []
    learnable = batch()
    learnable["image"] = (0.5 - learnable["ink"]).expand(-1, 3, -1, -1)  # a picture that its ink decides
    for step in range(40):
        run.step = step
        values.append(stage.step(learnable, run)["reconstruction"].item())
    assert values[-1] < 0.8 * values[0]


def test_negatives_are_other_pictures_not_other_places():
    """randperm has a fixed point in 62 % of batches; and the same picture may stand twice in one."""
    index = torch.tensor([5, 5, 7, 5, 9])
    partner = different_partner(index)
    assert (index[partner] != index).all()


def test_the_rolling_window_moves_and_its_heads_start_afresh():
    identity = RollingIdentity(8, 8, classes=4, period=100)
    before = identity.style.weight.clone()
    assert not identity.roll(99) and torch.equal(identity.style.weight, before)
    assert identity.roll(100) and not torch.equal(identity.style.weight, before)
    labels = identity.labels(torch.tensor([3, 4, 7, 8]), count=10)
    assert labels.tolist() == [-1, 0, 3, -1]


def test_mutual_information_trains_the_content_and_not_its_judge():
    identity = RollingIdentity(8, 8, 4, 100)
    features = torch.rand(2, 8, 3, 3, requires_grad=True)
    identity.of_content(features, frozen=True).square().sum().backward()
    assert features.grad.abs().sum() > 0 and identity.content.weight.grad is None


def test_foreign_steps_are_evenly_spread():
    steps = [is_foreign(i, 0.25) for i in range(100)]
    assert sum(steps) == 25 and not any(a and b for a, b in pairwise(steps))


def refiner() -> RefinerStage:
    torch.manual_seed(0)
    config = ModelConfig.tiny()
    # At 1/2 a 32² sample would be smaller than the tiny networks' coarsest cell.
    schedule = RefinerSchedule(adversarial_from=0, penalty_every=1, foreign_share=0.5, factors=(1,))
    return RefinerStage(config, StyleContent(config), Eyes(), None, schedule)


def test_the_refiner_learns_and_the_autoencoder_does_not():
    stage = refiner()
    frozen = {k: v.clone() for k, v in stage.autoencoder.state_dict().items()}
    before = {k: v.clone() for k, v in stage.networks["generator"].state_dict().items()}
    run = PlainRun(stage)
    for step in range(2):
        run.step = step
        terms = stage.step(batch(), run)
        assert all(torch.isfinite(v) for v in terms.values())
    assert all(torch.equal(v, frozen[k]) for k, v in stage.autoencoder.state_dict().items())
    assert any(not torch.equal(v, before[k]) for k, v in stage.networks["generator"].state_dict().items())
    assert {"generator", "discriminator"} == set(run.updated)


def test_strokes_are_not_asked_to_lie_where_the_targets_do():
    """A picture with strokes of its own over the right paint is no worse for them, pixel by pixel."""
    objectives = PictureObjectives(RefinerWeights(), lambda output, target: ([output], [target]))
    image, strokes = torch.rand(2, 3, 32, 32), torch.randn(2, 3, 32, 32)
    with_strokes = objectives.own(image + strokes, image, bare=image)
    assert with_strokes["reconstruction"] == with_strokes["perceptual"] == 0 and with_strokes["texture"] > 0
    assert objectives.own(image + strokes, image)["reconstruction"] > 0


def test_the_refiner_adds_strokes_and_detail_and_leaves_areas_alone():
    stage, made_of = refiner(), batch()
    generator = torch.Generator().manual_seed(0)
    made = stage.refine(stage.networks["generator"], made_of["ink"], made_of["reference"], 1, generator)
    assert not torch.equal(made.output, made.bare) and not torch.equal(made.bare, made.base)
    change = made.output - made.base
    assert F.avg_pool2d(change, 16).abs().mean() < 0.25 * change.abs().mean()


def test_hiding_strokes_has_its_price():
    stage, made_of = refiner(), batch()
    stage.objectives.weights = stage.weights = RefinerWeights(
        **dict.fromkeys((f.name for f in dataclasses.fields(RefinerWeights)), 0.0) | {"hidden_strokes": 1.0}
    )
    hidden = []
    for step in range(0, 6, 2):  # even steps: the reference is the picture's own
        run = PlainRun(stage, samples_seen=-1, step=step)
        hidden.append(stage.step(made_of, run)["hidden_strokes"])
    assert 0 < hidden[2] < hidden[1] < hidden[0] < 1


def test_presets_and_overrides():
    assert model_config({"preset": "tiny", "tokens": 4}).tokens == 4
    with pytest.raises(TrainError, match="preset"):
        model_config({"preset": "huge"})
