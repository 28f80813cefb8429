"""From checkpoints to a bundle that the engine loads."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from s2i.config import ExtractorConfig, ModelConfig
from s2i.models.sketch_extractor import SketchExtractor
from s2i.pipeline import SketchToImage
from s2i.weights import read_header
from tests.train.engine.toy import DEFAULTS, run_toy
from tests.train.stages.test_autoencoder import records, run_autoencoder
from train.data.samples import SampleConfig, SampleMaker
from train.data.stream import SampleStream
from train.engine.export import export
from train.engine.loop import train
from train.errors import TrainError
from train.stages.autoencoder import load_autoencoder
from train.stages.refiner import RefinerSchedule, RefinerStage, RefinerWeights


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
def autoencoder(folder):
    run_autoencoder(folder / "ae", 8)
    return str(folder / "ae")


def run_refiner(out, autoencoder):
    config = replace(DEFAULTS, out=str(out), num_images=8)
    net, _ = load_autoencoder(ModelConfig.tiny(), autoencoder)
    torch.manual_seed(1)
    stage = RefinerStage(ModelConfig.tiny(), net, None, RefinerWeights(perceptual=0, texture=0, foreign_statistics=0),
                         RefinerSchedule(factors=(1,)))
    data = records()
    stage.samples = SampleStream(data, SampleMaker(SampleConfig(size=32), data), batch=4, workers=0)
    train(stage, config)
    return str(out)


def test_a_bundle_of_all_three_stages_paints_as_the_averages_do(tmp_path, autoencoder, extractor):
    bundle = tmp_path / "out" / "tiny.safetensors"
    export(bundle, autoencoder, run_refiner(tmp_path / "re", autoencoder), str(extractor), licence="CC0")
    pipe = SketchToImage.from_pretrained(bundle)
    assert pipe.config.extractor == ExtractorConfig(8, 2, 5), "the extractor's sizes are read off its weights"
    ink = (torch.rand(1, 1, 48, 40, generator=torch.Generator().manual_seed(0)) < 0.1).float()
    reference = torch.rand(1, 3, 40, 56, generator=torch.Generator().manual_seed(1)) * 2 - 1
    assert pipe(ink, reference).shape == (1, 3, 48, 40)
    assert pipe.extract_sketch(reference, variant=4).shape == (1, 1, 40, 56)
    net, _ = load_autoencoder(ModelConfig.tiny(), autoencoder)
    exported = pipe.module.decoder.state_dict()
    for name, tensor in net.decoder.state_dict().items():
        torch.testing.assert_close(exported[name], tensor, rtol=1e-3, atol=1e-5)


def test_the_header_says_where_it_came_from(tmp_path, autoencoder, extractor):
    export(tmp_path / "a.safetensors", autoencoder, None, str(extractor), licence="CC0", notes={"by": "a test"})
    config, facts = read_header(tmp_path / "a.safetensors")
    assert config.widths == ModelConfig.tiny().widths
    assert facts["licence"] == "CC0" and facts["by"] == "a test" and facts["loss_nets"] == ["none"]
    assert facts["autoencoder"]["samples_seen"] == 8 and facts["autoencoder"]["step"] == 2
    assert facts["data_pictures"] == 5 and facts["hardware"] and facts["seed"] == 0
    assert facts["refiner"] == {"trained": False}
    assert str(tmp_path) not in json.dumps(facts), "no path of the machine"
    card = (tmp_path / "MODEL_CARD.md").read_text()
    assert "8 pictures in 2 steps" in card and "license: cc0" in card


def test_without_a_refiner_the_draft_comes_through(tmp_path, autoencoder, extractor):
    export(tmp_path / "a.safetensors", autoencoder, None, str(extractor))
    pipe = SketchToImage.from_pretrained(tmp_path / "a.safetensors")
    draft = torch.rand(1, 3, 32, 32) * 2 - 1
    ink = torch.zeros(1, 1, 32, 32)
    style = pipe.encode_style(torch.rand(1, 3, 32, 32))
    torch.testing.assert_close(pipe.refine(draft, ink, style), draft)


def test_a_written_card_is_left_alone(tmp_path, autoencoder, extractor):
    (tmp_path / "MODEL_CARD.md").write_text("by hand")
    export(tmp_path / "a.safetensors", autoencoder, None, str(extractor))
    assert (tmp_path / "MODEL_CARD.md").read_text() == "by hand"


def test_the_extractor_of_another_bundle(tmp_path, autoencoder, extractor):
    export(tmp_path / "a.safetensors", autoencoder, None, str(extractor))
    export(tmp_path / "b.safetensors", autoencoder, None, str(tmp_path / "a.safetensors"))
    one, two = (SketchToImage.from_pretrained(tmp_path / f"{n}.safetensors") for n in "ab")
    for a, b in zip(one.module.sketch_extractor.parameters(), two.module.sketch_extractor.parameters(), strict=True):
        assert torch.equal(a, b)


def test_parts_that_do_not_belong_are_refused(tmp_path, autoencoder, extractor):
    toy = run_toy(tmp_path / "toy", num_images=4)
    with pytest.raises(TrainError, match="stage 'toy', not 'autoencoder'"):
        export(tmp_path / "a.safetensors", str(toy), None, str(extractor))
    save_file({"weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(TrainError, match=r"other\.safetensors does not hold the weights of a sketch extractor"):
        export(tmp_path / "a.safetensors", autoencoder, None, str(tmp_path / "other.safetensors"))
    with pytest.raises(TrainError, match="stage 'autoencoder', not 'refiner'"):
        export(tmp_path / "a.safetensors", autoencoder, autoencoder, str(extractor))
    assert not (tmp_path / "a.safetensors").exists()
