"""The refiner's step, its samples and their exact resume, on tiny networks."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from s2i.bundle import save_bundle
from s2i.config import ModelConfig
from s2i.models.perceptual_trunk import PerceptualTrunk
from s2i.models.refiner import only_detail
from s2i.models.sketch_extractor import SketchExtractor
from s2i.models.sketch_to_image import SketchToImageModel
from train.data.degradation import Degradation
from train.data.pictures import Record
from train.data.refiner_samples import RefinerSampleMaker, RefinerSamples, detail_crop
from train.data.stream import SampleStream
from train.engine.checkpoints import read_checkpoint
from train.engine.loop import train
from train.engine.loop_config import LoopConfig
from train.engine.toml_config import from_table, read_config
from train.errors import TrainError
from train.losses.weave import weave
from train.stages.painter_network import PainterNetwork
from train.stages.refiner import build_refiner
from train.stages.refiner_scene import Drafts, windows
from train.stages.refiner_settings import RefinerOptimizers, RefinerSchedule, RefinerWeights
from train.stages.refiner_stage import RefinerStage

CONFIG = ModelConfig.tiny()
SAMPLES = RefinerSamples(size=32, crops=2, draft=32, drawings=0.0)
NOW = RefinerSchedule(adversarial_from=0, adversarial_ramp=1, second_from=4, second_step=0.5)
EVERYTHING = RefinerWeights(feature_statistics=0.3, adversarial=0.1)  # what ships has no adversary
LOOP = LoopConfig(batch=2, num_images=8, warmup_images=0, workers=0, log_every=2, tensorboard=False, cpu=True,
                  preview_minutes=0, ema_half_life_images=8)


def pictures(count: int = 4) -> list[Record]:
    rng = np.random.default_rng(3)
    smooth = [np.kron(rng.integers(0, 255, (12, 16, 3)), np.ones((6, 6, 1))).astype(np.uint8) for _ in range(count)]
    return [Record(str(i), image, np.zeros((0, *image.shape[:2]), np.uint8)) for i, image in enumerate(smooth)]


def stage(seed: int = 0, weights: RefinerWeights = EVERYTHING, schedule: RefinerSchedule = NOW) -> RefinerStage:
    torch.manual_seed(seed)
    extractor = SketchExtractor(CONFIG.extractor).eval()
    made = RefinerStage(CONFIG, PainterNetwork(CONFIG), extractor, PerceptualTrunk(CONFIG.trunk).eval(),
                        PerceptualTrunk.channels(CONFIG.trunk), weights, schedule)
    maker = RefinerSampleMaker(SAMPLES, CONFIG.extractor.variants)
    made.samples = SampleStream(pictures(), maker, LOOP.seed, LOOP.batch, LOOP.workers)
    return made


def run(out: Path, num_images: int = LOOP.num_images, resume: str = "", **options) -> dict[str, torch.Tensor]:
    config = replace(LOOP, out=str(out), num_images=num_images, resume=resume)
    return read_checkpoint(train(stage(**options), config)).tensors


def test_a_sample_is_a_picture_near_by_and_a_drawing():
    made = stage().samples.sample(5)
    assert made["image"].shape == (2, 3, 32, 32) and made["xdog"].shape == (2, 1, 32, 32)
    assert made["reference"].shape == (3, 32, 32) and made["drawing"].shape == (1, 128, 128)
    assert made["image"].min() >= -1 and made["image"].max() <= 1
    for ink, extracted in zip(made["xdog"], made["extracted"], strict=True):
        assert bool(ink.any()) != bool(extracted), "either XDoG has drawn it or the extractor will"
    again = stage().samples.sample(5)
    assert all(torch.equal(made[name], again[name]) for name in made)


def test_a_crop_shows_a_picture_at_its_own_resolution():
    """At scale 1 it is made of the picture's own pixels: half a pixel's shift would have blurred it."""
    picture = np.random.default_rng(0).integers(0, 255, (64, 80, 3)).astype(np.uint8)
    crop = np.round(detail_crop(np.random.default_rng(1), picture, 32, 1.0) * 255).astype(np.uint8)
    windows_of = np.lib.stride_tricks.sliding_window_view(picture, (32, 32, 3)).reshape(-1, 32, 32, 3)
    assert any((windows_of == one).all((1, 2, 3)).any() for one in (crop, crop[:, ::-1]))
    small = detail_crop(np.random.default_rng(1), picture[:20, :20], 32, 1.0)
    assert small.shape == (32, 32, 3)


def test_a_folder_of_drawings_is_asked_for():
    with pytest.raises(TrainError, match="drawings"):
        RefinerSampleMaker(RefinerSamples(), 3)
    with pytest.raises(TrainError, match="multiple of 16"):
        RefinerSamples(size=100)


def test_a_degraded_picture_is_a_blurred_half_of_itself():
    g = torch.Generator().manual_seed(0)
    image = torch.nn.functional.interpolate(torch.randn(4, 3, 8, 8, generator=g), size=(64, 64), mode="bicubic")
    draft = Degradation()(image, g)
    assert draft.shape == (4, 3, 32, 32)
    half = torch.nn.functional.avg_pool2d(image, 2)
    assert 0 < (draft - half).abs().mean() < 0.3 * half.std()
    untouched = Degradation(blur_share=0, swirl_share=0, noise_share=0, coarse_share=0)(image, g)
    torch.testing.assert_close(untouched, half)


def test_windows_of_a_draft_lie_where_its_ink_does():
    field = torch.rand(1, 1, 40, 40)
    enlarged = field.repeat_interleave(2, 2).repeat_interleave(2, 3)
    places = torch.rand(1, 5, 2)
    images, inks = windows(Drafts(field.expand(-1, 3, -1, -1), enlarged, torch.zeros(1, 8)), places, 16)
    assert images.shape == (5, 3, 16, 16) and inks.shape == (5, 1, 32, 32)
    torch.testing.assert_close(torch.nn.functional.avg_pool2d(inks, 2), images[:, :1])


def test_a_twill_is_a_weave_and_a_painting_is_not():
    g = torch.Generator().manual_seed(0)
    noise = 0.3 * torch.randn(2, 3, 96, 96, generator=g)
    outlines = noise + torch.tril(torch.ones(96, 96)) + (torch.arange(96) > 40)
    rows, columns = torch.arange(96)[:, None], torch.arange(96)[None]
    twill = noise + 0.3 * torch.cos(2 * torch.pi * (rows + columns) / 5)
    hatching = noise + 0.3 * torch.cos(2 * torch.pi * columns / 12)
    assert weave(twill) > 1
    assert max(weave(noise), weave(hatching)) < 0.2 and weave(outlines) < 0.5
    assert weave(torch.zeros(1, 3, 96, 96)) == 0


def test_every_objective_takes_part_and_each_can_be_left_out(tmp_path):
    names = ("pixels", "features", "out_of_range", "feature_statistics", "weave", "lines", "line_darkness")
    logged = []

    class Logged(RefinerStage):
        def step(self, batch, run):
            logged.append(super().step(batch, run))
            return logged[-1]

    for weights in (EVERYTHING, RefinerWeights(**dict.fromkeys(names, 0.0) | {"stay": 1.0, "adversarial": 0.0})):
        made = stage(weights=weights)
        made.__class__ = Logged
        train(made, replace(LOOP, out=str(tmp_path / str(len(logged))), num_images=4))
    assert set(logged[1]) == {"pixels", "features", "range", "statistics", "stay", "weave", "lines", "darkness",
                              "adversarial", "discriminator", "accuracy"}
    assert set(logged[-1]) == {"stay"}
    assert all(torch.isfinite(value) for terms in logged for value in terms.values())


def test_the_answer_is_a_picture_s_detail_on_the_colours_of_its_draft():
    """What a refiner cannot give, other colours over an area, is not asked of it."""
    made, g = stage(), torch.Generator().manual_seed(0)
    image = torch.randn(2, 3, 32, 32, generator=g).clamp(-1, 1)
    draft = torch.nn.functional.avg_pool2d(image, 2) + 0.3
    answer = made._answer(image, torch.nn.functional.interpolate(draft, scale_factor=2, mode="bicubic"))
    assert (answer.mean((2, 3)) - image.mean((2, 3)) - 0.3).abs().max() < 0.02
    detail = [only_detail(x, CONFIG.refiner.area) for x in (answer - 0.3, image)]
    assert torch.nn.functional.cosine_similarity(*(x.flatten(1) for x in detail)).min() > 0.95


def test_a_stopped_run_continues_exactly(tmp_path):
    """With its adversary, its running means, its second steps (they begin at 4 pictures) and its noise."""
    whole = run(tmp_path / "whole")
    run(tmp_path / "parts", num_images=4)
    parts = run(tmp_path / "parts", resume="latest")
    assert whole.keys() == parts.keys()
    assert [name for name in whole if not torch.equal(whole[name], parts[name])] == []
    moved = [name for name in whole if name.startswith("networks.generator.out")]
    assert moved and all(whole[name].abs().sum() > 0 for name in moved), "the last layer has left zero"


def test_the_shipped_configuration_names_every_setting():
    tables = read_config(Path("train/configs/refiner-art.toml"))
    kinds = {"samples": RefinerSamples, "degradation": Degradation, "schedule": RefinerSchedule,
             "weights": RefinerWeights, "optimizer": RefinerOptimizers}
    for name, kind in kinds.items():
        from_table(kind, tables[name], name)
        assert set(tables[name]) == set(kind.__dataclass_fields__), name


def test_a_run_needs_pictures_and_a_bundle_only(tmp_path):
    torch.manual_seed(0)
    model = SketchToImageModel(CONFIG)
    components = {name: part.state_dict() for name, part in model.named_children()}
    bundle = tmp_path / "tiny.safetensors"
    save_bundle(bundle, components, CONFIG, {})
    for number, record in enumerate(pictures(12)):
        Image.fromarray(record.image).save(tmp_path / f"{number}.png")
    tables = {"samples": {"size": 32, "crops": 2, "draft": 32, "drawings": 0.0}, "schedule": {"adversarial_from": 0}}
    nothing = dict.fromkeys(("table", "drawings", "doodles", "cache"))
    given = Namespace(painter=str(bundle), extractor=str(bundle), root=str(tmp_path), **nothing)
    made = build_refiner(tables, given, LOOP)
    facts = read_checkpoint(train(made, replace(LOOP, out=str(tmp_path / "run"), num_images=2))).meta["provenance"]
    assert facts["painter"] == {"bundle": "tiny.safetensors"} and facts["loss_net"] == "efficientnet-lite0"
    for name, value in made.painter.decoder.state_dict().items():
        assert torch.equal(value, components["decoder"][name].half().float()), name
    with pytest.raises(TrainError, match="no pictures"):
        build_refiner(tables, Namespace(painter=str(bundle), extractor=str(bundle), root=None, **nothing), LOOP)
