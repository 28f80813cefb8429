"""From checkpoints to a bundle that the engine loads."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import save_file

from s2i.bundle import read_header
from s2i.config import ExtractorConfig, ModelConfig
from s2i.models.refiner import Refiner
from s2i.models.sketch_extractor import SketchExtractor
from s2i.pipeline import SketchToImage
from tests.train.engine.toy import run_toy
from tests.train.stages.test_painter import run_painter
from train.engine.checkpoints import Checkpoint, find_checkpoint, write_checkpoint
from train.errors import TrainError
from train.export import export
from train.frozen_nets.efficientnet_lite0 import load_trunk


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("export")


@pytest.fixture(scope="module")
def extractor(folder):
    torch.manual_seed(2)
    net = SketchExtractor(ExtractorConfig(width=8, depth=2, variants=5))
    save_file(net.state_dict(), folder / "extractor.safetensors")
    return folder / "extractor.safetensors"


@pytest.fixture(scope="module")
def painter(folder):
    run_painter(folder, folder / "painter", 8)
    return str(folder / "painter")


def refiner_run(out, config=None):
    """What the refiner's stage leaves, by hand."""
    torch.manual_seed(1)
    config = config or ModelConfig.tiny()
    net = Refiner(config.refiner)
    torch.nn.init.normal_(net.out.weight, std=0.1)
    tensors = {f"ema.generator.{name}": value for name, value in net.state_dict().items()}
    meta = {"stage": "refiner", "samples_seen": 8, "step": 2, "minutes": 0.1, "seed": 0, "model": config.to_dict(),
            "provenance": {"loss_net": "efficientnet-lite0"}, "hardware": ["1 x test"]}
    write_checkpoint(out / "checkpoints", Checkpoint(tensors, meta))
    return str(out)


def test_a_bundle_of_all_three_stages_paints_as_the_averages_do(tmp_path, painter, extractor):
    bundle = tmp_path / "out" / "tiny.safetensors"
    export(bundle, painter, refiner_run(tmp_path / "refiner"), str(extractor), licence="CC0")
    pipe = SketchToImage.from_pretrained(bundle)
    assert pipe.config.extractor == ExtractorConfig(8, 2, 5), "the extractor's sizes are read off its weights"
    ink = (torch.rand(1, 1, 48, 40, generator=torch.Generator().manual_seed(0)) < 0.1).float()
    reference = torch.rand(1, 3, 40, 56, generator=torch.Generator().manual_seed(1)) * 2 - 1
    assert pipe(ink, reference).shape == (1, 3, 48, 40)
    assert pipe.extract_sketch(reference, variant=4).shape == (1, 1, 40, 56)
    trained = find_checkpoint(None, painter).part("ema.generator.decoder")
    exported = pipe.module.decoder.state_dict()
    for name, tensor in trained.items():
        torch.testing.assert_close(exported[name].float(), tensor, rtol=1e-2, atol=1e-4)
    seen = pipe.module.perceptual_trunk.state_dict()
    for name, tensor in load_trunk(ModelConfig.tiny().trunk).state_dict().items():
        torch.testing.assert_close(seen[name].float(), tensor, rtol=1e-2, atol=1e-4)


def test_the_header_says_where_it_came_from(tmp_path, painter, extractor):
    export(tmp_path / "a.safetensors", painter, None, str(extractor), licence="CC0", notes={"by": "a test"})
    config, facts = read_header(tmp_path / "a.safetensors")
    assert config.widths == ModelConfig.tiny().widths
    assert facts["licence"] == "CC0" and facts["by"] == "a test" and facts["loss_nets"] == ["efficientnet-lite0"]
    assert facts["painter"]["samples_seen"] == 8 and facts["painter"]["step"] == 2
    assert facts["data_pictures"] == 5 and facts["hardware"] and facts["seed"] == 0
    assert facts["refiner"] == {"trained": False}
    assert str(tmp_path) not in json.dumps(facts), "no path of the machine"
    card = (tmp_path / "MODEL_CARD.md").read_text()
    assert "8 pictures in 2 steps" in card and "license: cc0" in card


def test_without_a_refiner_the_draft_comes_through(tmp_path, painter, extractor):
    export(tmp_path / "a.safetensors", painter, None, str(extractor))
    pipe = SketchToImage.from_pretrained(tmp_path / "a.safetensors")
    draft = torch.rand(1, 3, 32, 32) * 2 - 1
    ink = torch.zeros(1, 1, 32, 32)
    style = pipe.encode_style(torch.rand(1, 3, 32, 32))
    torch.testing.assert_close(pipe.refine(draft, ink, style), draft)


def test_a_written_card_is_left_alone(tmp_path, painter, extractor):
    (tmp_path / "MODEL_CARD.md").write_text("by hand")
    export(tmp_path / "a.safetensors", painter, None, str(extractor))
    assert (tmp_path / "MODEL_CARD.md").read_text() == "by hand"


def test_the_extractor_of_another_bundle(tmp_path, painter, extractor):
    export(tmp_path / "a.safetensors", painter, None, str(extractor))
    export(tmp_path / "b.safetensors", painter, None, str(tmp_path / "a.safetensors"))
    one, two = (SketchToImage.from_pretrained(tmp_path / f"{n}.safetensors") for n in "ab")
    for a, b in zip(one.module.sketch_extractor.parameters(), two.module.sketch_extractor.parameters(), strict=True):
        assert torch.equal(a, b)


def test_parts_that_do_not_belong_are_refused(tmp_path, painter, extractor):
    toy = run_toy(tmp_path / "toy", num_images=4)
    with pytest.raises(TrainError, match="stage 'toy', not 'painter'"):
        export(tmp_path / "a.safetensors", str(toy), None, str(extractor))
    save_file({"weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(TrainError, match=r"other\.safetensors does not hold the weights of a sketch extractor"):
        export(tmp_path / "a.safetensors", painter, None, str(tmp_path / "other.safetensors"))
    with pytest.raises(TrainError, match="stage 'painter', not 'refiner'"):
        export(tmp_path / "a.safetensors", painter, painter, str(extractor))
    assert not (tmp_path / "a.safetensors").exists()
