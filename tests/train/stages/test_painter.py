"""The painter's stage on tiny networks: its terms, its game, its resume, its command."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from s2i.bundle import load_bundle
from s2i.config import ModelConfig
from s2i.models.perceptual_trunk import PerceptualTrunk
from s2i.models.sketch_extractor import SketchExtractor
from tests.train.engine.toy import DEFAULTS, state_of
from train.data.painter_samples import PainterSampleMaker, PainterSamples
from train.data.pictures import Record
from train.data.stream import SampleStream
from train.data.unpaired_drawings import UnpairedDrawings
from train.engine.checkpoints import Checkpoint, checkpoints_in
from train.engine.loop import train
from train.engine.trained_discriminator import save_discriminators, trained_discriminators
from train.errors import TrainError
from train.export import export
from train.stages.held_out import HeldOut
from train.stages.painter import main, model_config
from train.stages.painter_network import Painting
from train.stages.painter_scene import draw_scene
from train.stages.painter_settings import PainterSchedule, PainterWeights
from train.stages.painter_stage import PainterStage
from train.stages.paper_terms import different_partner

CONFIG = ModelConfig.tiny()
TINY = Path(__file__).parents[3] / "train" / "configs" / "tiny" / "painter.toml"
OFF = dict.fromkeys((f.name for f in fields(PainterWeights)), 0.0)
PAPER = {"content_triplet": 0.2, "style_triplet": 0.2, "instance": 0.05, "mutual_information": 0.02,
         "relativistic": 0.1}
AT_ONCE = PainterSchedule(adversarial_from=-10, adversarial_ramp=1, codes_every=1, penalty_every=1, classes=3,
                          class_period=12)


def page(tmp_path, name="page"):
    drawing = np.full((64, 80), 255, np.uint8)
    drawing[20:24, 5:70], drawing[5:60, 38:42] = 0, 0
    Image.fromarray(drawing).save(tmp_path / f"{name}.png")
    return tmp_path / f"{name}.png"


def records(count=5):
    rng = np.random.default_rng(1)
    make = lambda: np.kron(rng.integers(0, 255, (5, 6, 3)), np.ones((16, 16, 1))).astype(np.uint8)  # noqa: E731
    return [Record(f"{i:064d}", make(), np.zeros((0, 80, 96), np.uint8)) for i in range(count)]


SMALL = PainterSamples(size=64, block=4)  # a multiple of 64, so that the coarsest map of the trunk has a spread
MIXED = PainterSamples(size=64, block=4, large_size=128, large_block=4)


def painter(tmp_path, weights=None, schedule=AT_ONCE, seed=0, samples=SMALL):
    """A stage with everything in it that a real one has, from random weights."""
    torch.manual_seed(seed)
    extractor = SketchExtractor(CONFIG.extractor).eval().requires_grad_(False)
    trunk = PerceptualTrunk(CONFIG.trunk).requires_grad_(False)
    stage = PainterStage(CONFIG, extractor, trunk, PerceptualTrunk.channels(CONFIG.trunk), 5,
                         weights or PainterWeights(**PAPER), schedule)
    drawings = UnpairedDrawings([page(tmp_path)], [page(tmp_path, "doodle")])
    maker = PainterSampleMaker(samples, CONFIG.extractor.variants, drawings)
    stage.samples = SampleStream(records(), maker, batch=4, workers=0, blocks=samples.blocks)
    return stage


class PlainRun:
    """What a step needs of the loop."""

    def __init__(self, stage, samples_seen=10_000):
        self.stage, self.samples_seen, self.step, self.networks = stage, samples_seen, 0, stage.networks
        self.generator, self.updated, self.device = torch.Generator().manual_seed(0), [], torch.device("cpu")

    def mean(self, value):
        return value.detach()

    def noise(self, samples, shape):
        return torch.zeros(len(samples), *shape)

    def forget(self, name):
        self.stage.optimizers[name].state.clear()

    def backward(self, loss):
        loss.backward()

    def update(self, name, clip=True):
        self.updated.append(name)
        self.stage.optimizers[name].step()
        for net in self.networks.values():
            net.zero_grad(set_to_none=True)


@pytest.fixture
def batch(tmp_path):
    return next(iter(painter(tmp_path).stream(0, 0, 1)))


OURS = {"pixels": "pixels", "features": "features", "palette": "palette", "out_of_range": "range",
        "feature_statistics": "statistics", "edges": "edges", "lines": "lines", "areas": "areas", "solids": "solids",
        "bands": "bands", "ground_variety": "variety",
        "contrast": "contrast", "line_darkness": "darkness", "adversarial": "adversarial", "mismatch": "mismatch",
        "detail": "detail"}
TERMS = OURS | {name: name for name in PAPER} | {"r1": "r1", "r2": "r2"}


def test_every_term_takes_part_and_every_network_learns(tmp_path, batch):
    stage = painter(tmp_path)
    before = {f"{n}.{k}": v.clone() for n, net in stage.networks.items() for k, v in net.state_dict().items()}
    run = PlainRun(stage)
    terms = stage.step(batch, run)
    assert set(TERMS.values()) | {"cycle", "discriminator", "critic", "classifier", "accuracy"} == set(terms)
    assert all(torch.isfinite(v) for v in terms.values())
    assert set(run.updated) == {"generator", "discriminator", "detail", "critic", "identity"}
    after = {f"{n}.{k}": v for n, net in stage.networks.items() for k, v in net.state_dict().items()}
    for network in run.updated:
        assert any(not torch.equal(v, before[k]) for k, v in after.items() if k.startswith(network))
    assert all(torch.equal(v, before[k]) for k, v in after.items() if ".mixing." in k)


@pytest.mark.parametrize(("weight", "term"), TERMS.items())
def test_a_weight_of_zero_turns_its_term_off(tmp_path, batch, weight, term):
    stage = painter(tmp_path, PainterWeights(**{**PAPER, weight: 0.0}))
    assert term not in stage.step(batch, PlainRun(stage))


def test_networks_exist_only_where_something_weighs_them(tmp_path):
    adversary = {"discriminator", "detail"}
    assert set(painter(tmp_path, PainterWeights()).networks) == {"generator", "usual_darkness"} | adversary
    assert set(painter(tmp_path, PainterWeights(**OFF)).networks) == {"generator"}


def test_the_game_begins_when_the_schedule_says(tmp_path, batch):
    schedule = PainterSchedule(adversarial_from=1000, adversarial_ramp=100, adversarial_lead=500)
    stage = painter(tmp_path, PainterWeights(), schedule)
    seen = {pictures: set(stage.step(batch, PlainRun(stage, pictures))) for pictures in (499, 500, 1050)}
    assert not {"discriminator", "adversarial"} & seen[499]
    assert "discriminator" in seen[500] and "adversarial" not in seen[500]
    assert {"discriminator", "adversarial"} <= seen[1050]
    assert [schedule.adversarial_share(p) for p in (0, 1000, 1050, 5000)] == [0, 0, 0.5, 1]


def test_training_lowers_the_reconstruction_of_one_batch(tmp_path, batch):
    stage = painter(tmp_path, PainterWeights(**{**OFF, "pixels": 1.0}))
    stage.optimizers["generator"].param_groups[0]["lr"] = 5e-3
    run, values = PlainRun(stage), []
    for _ in range(30):
        values.append(float(stage.step(batch, run)["pixels"]))
    assert values[-1] < 0.8 * values[0]


def test_a_painting_with_its_reference_s_look_pays_nothing_for_it(tmp_path, batch, monkeypatch):
    """The painting is shifted and recoloured before the trunk looks at it, and so must be what it is compared with."""
    stage = painter(tmp_path, PainterWeights(**{**OFF, "feature_statistics": 1.0}))

    def perfect(generator, scene, views, numbers, run):
        draft = scene.reference.index_copy(0, scene.own, scene.image[scene.own]).requires_grad_()
        return Painting(draft, [], generator.style_encoder(scene.reference, None, views)[0])

    monkeypatch.setattr(stage, "_paint", perfect)
    assert stage.step(batch, PlainRun(stage))["statistics"] < 1e-5


def test_a_scene_has_an_ink_for_every_picture(tmp_path, batch):
    stage = painter(tmp_path)
    batch["extracted"][0] = 0  # an XDoG ink, the sample's own
    batch["partner_ink"][0] = batch["ink"][0] = 0.25
    scene = draw_scene(batch, stage.extractor)
    assert scene.own.tolist() == [0, 1] and scene.unpaired.tolist() == [2] and scene.drawing.tolist() == [3]
    assert (scene.ink[0] == 0.25).all() and torch.equal(scene.ink[:3], scene.partner_ink[:3])
    assert torch.equal(scene.ink[3], batch["ink"][3]) and not torch.equal(scene.ink[3], scene.partner_ink[3])
    assert scene.is_drawing.tolist() == [0, 0, 0, 1] and not scene.ink.requires_grad
    assert scene.field[:3].min() > 0 and scene.field[3].max() > 0.9 and scene.field[3].min() == 0


def test_hints_reach_the_draft(tmp_path, batch):
    stage = painter(tmp_path)
    generator = stage.networks["generator"]
    torch.nn.init.normal_(generator.content_encoder.hint.weight)
    scene = draw_scene(batch, stage.extractor)
    views, facts = stage.trunk(scene.reference), generator.facts(scene.ink)
    dabs = torch.zeros_like(scene.hints)
    dabs[:, :, 16:24, 16:24] = 1
    plain, hinted = (generator(scene.ink, scene.reference, facts, h, views).draft for h in (None, dabs))
    assert not torch.equal(plain, hinted)


def run_painter(tmp_path, out, pictures, resume="", weights=None, **settings):
    config = replace(DEFAULTS, out=str(out), num_images=pictures, resume=resume, **settings)
    stage = painter(tmp_path, weights, seed=config.seed, samples=MIXED)
    image = torch.rand(2, 3, 64, 64) * 2 - 1
    stage.held_out = HeldOut(image, image.flip(3), torch.rand(2, 1, 64, 64))
    return state_of(train(stage, config))


def reconstruct(out, **settings):
    """With the losses that compare a picture with its own target, and nothing that looks across the batch (features
    are relative to the batch's own magnitude) or draws one number for all of it."""
    weights = PainterWeights(**{**OFF, "pixels": 2.0, "out_of_range": 1.0})
    config = replace(DEFAULTS, out=str(out), **settings)
    out.parent.mkdir(parents=True, exist_ok=True)
    stage = painter(out.parent, weights, PainterSchedule(augment=0.0), seed=0)
    samples = PainterSamples(size=64, block=2, unpaired=0.0, drawings=0.0, xdog=0.0)
    maker = PainterSampleMaker(samples, CONFIG.extractor.variants)
    stage.samples = SampleStream(records(), maker, config.seed, config.batch, config.workers)
    return state_of(train(stage, config))


def test_resume_is_exact_with_every_term_and_both_sizes(tmp_path):
    straight = run_painter(tmp_path, tmp_path / "a", 24)
    run_painter(tmp_path, tmp_path / "b", 12)
    resumed = run_painter(tmp_path, tmp_path / "b", 24, "latest")
    different = [n for n, t in straight.tensors.items()
                 if not torch.equal(t.nan_to_num(-1), resumed.tensors[n].nan_to_num(-1))]
    assert not different and straight.tensors.keys() == resumed.tensors.keys()
    assert (tmp_path / "a" / "preview.png").exists()


def test_a_preview_shows_pictures_inks_references_and_paintings(tmp_path):
    stage = painter(tmp_path)
    image = torch.rand(3, 3, 64, 64) * 2 - 1
    sheet = HeldOut(image, image.flip(3), torch.rand(3, 1, 64, 64)).sheet(
        stage.networks["generator"], stage.trunk, stage.extractor, torch.device("cpu"))
    assert sheet.shape == (3, 9 * 64, 3 * 64) and sheet.min() >= -1 and sheet.max() <= 1
    assert torch.equal(sheet[:, :64, 64:128], image[1])


def test_negatives_are_other_pictures_not_other_places():
    """randperm has a fixed point in 62 % of batches; and the same picture may stand twice in one."""
    index = torch.tensor([5, 5, 7, 5, 9])
    assert (index[different_partner(index)] != index).all()


def test_presets_and_overrides():
    assert model_config({"preset": "tiny", "token_dim": 4}).token_dim == 4
    with pytest.raises(TrainError, match="preset"):
        model_config({"preset": "huge"})


def test_one_seed_is_one_run_whatever_happened_before(tmp_path, monkeypatch):
    """The initial weights, too: stages used to be built before the seed was set."""
    (tmp_path / "pictures").mkdir()
    for record in records(3):
        Image.fromarray(record.image).save(tmp_path / "pictures" / f"artist_{record.key[-1]}.png")
    (tmp_path / "drawings").mkdir()
    page(tmp_path / "drawings")
    extractor = extractor_file(tmp_path)

    def run(name, *options):
        torch.rand(7)
        command = ["painter", "--config", str(TINY), "--data", str(tmp_path / "pictures"), "--num-images", "4", "--cpu",
                   "--drawings", str(tmp_path / "drawings"), "--extractor", extractor,
                   "--workers", "0", "--out", str(tmp_path / name), *options]
        monkeypatch.setattr("sys.argv", command)
        main()
        return state_of(checkpoints_in(tmp_path / name / "checkpoints")[-1]).part("networks.generator")

    one, two, other = run("one"), run("two"), run("other", "--seed", "1")
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_training_goes_on_from_a_bundle(tmp_path):
    run_painter(tmp_path, tmp_path / "first", 8)
    export(tmp_path / "bundle.safetensors", str(tmp_path / "first"), None, extractor_file(tmp_path))
    shipped = load_bundle(tmp_path / "bundle.safetensors").components["decoder"]
    started = run_painter(tmp_path, tmp_path / "second", 0, init=str(tmp_path / "bundle.safetensors"))
    for kind in ("networks", "ema"):
        decoder = started.part(f"{kind}.generator.decoder")
        assert all(torch.equal(decoder[name], shipped[name].float()) for name in decoder)


def test_from_a_bundle_the_discriminators_are_those_that_ship(tmp_path, monkeypatch):
    run_painter(tmp_path, tmp_path / "first", 8)
    export(tmp_path / "bundle.safetensors", str(tmp_path / "first"), None, extractor_file(tmp_path))
    learned = state_of(checkpoints_in(tmp_path / "first" / "checkpoints")[-1])
    monkeypatch.setattr("train.engine.trained_discriminator.SHIPPED", tmp_path / "weights" / "shipped.safetensors")
    assert trained_discriminators() == {}, "a copy without the file trains one from nothing"
    save_discriminators(learned, tmp_path / "weights" / "shipped.safetensors")
    started = run_painter(tmp_path, tmp_path / "second", 0, init=str(tmp_path / "bundle.safetensors"))
    for network in ("discriminator", "detail"):
        wanted, found = learned.part(f"networks.{network}"), started.part(f"networks.{network}")
        assert wanted and all(torch.equal(found[name], wanted[name].bfloat16().float()) for name in wanted)


def test_a_run_without_an_adversary_has_no_discriminator_to_ship(tmp_path):
    with pytest.raises(TrainError, match="no discriminator"):
        save_discriminators(Checkpoint({}, {}), tmp_path / "none.safetensors")


def extractor_file(tmp_path):
    save_file(SketchExtractor(CONFIG.extractor).state_dict(), tmp_path / "extractor.safetensors")
    return str(tmp_path / "extractor.safetensors")
