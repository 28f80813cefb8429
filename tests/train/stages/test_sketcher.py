"""Stage 1: TOM's losses, its loop, the extractor's samples and the distillation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from evaluation.baselines.hed import VGGTrunk
from s2i.config import ExtractorConfig, SketchGeneratorConfig
from s2i.models.sketch_extractor import SPREAD
from tests.train.engine.toy import DEFAULTS, state_of
from train.critics.gram_critic import GramCritic
from train.data.pictures import Record
from train.data.ridges import RIDGE_VARIANTS, draw_ridges, pen
from train.data.sketcher_samples import (
    ExtractorSampleMaker,
    SketcherSamples,
    TomSampleMaker,
    distance_to_lines,
    load_scans,
)
from train.data.stream import SampleStream
from train.data.teachers import load_snapshots
from train.engine.loop import train
from train.engine.trained_extractor import load_extractor
from train.errors import TrainError
from train.losses import tom
from train.stages.distil import DistilStage, ExtractorWeights, field_loss
from train.stages.tom_stage import TomSchedule, TomStage, TomWeights

SIZE = 32


def features(count=3, channels=8, seed=0):
    return torch.randn(count, channels, 6, 5, generator=torch.Generator().manual_seed(seed))


# -- TOM's losses ----------------------------------------------------------------------------------------------------


def test_gram_is_each_pictures_own():
    x = features()
    grams = tom.gram(x)
    assert grams.shape == (3, 8, 8)
    by_hand = torch.einsum("ihw,jhw->ij", x[1], x[1]) / x[1].numel()
    assert torch.allclose(grams[1], by_hand, atol=1e-6)
    changed = x.clone()
    changed[0] += 5
    assert torch.equal(tom.gram(changed)[1:], grams[1:])  # no other picture notices


def test_gram_keeps_full_precision_under_autocast():
    x = features()
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(tom.gram(x), tom.gram(x.clone()))
        inside = tom.gram(x)
    assert inside.dtype == torch.float32 and torch.equal(inside, tom.gram(x))


def test_losses_do_not_depend_on_the_order_of_the_batch():
    order = torch.tensor([2, 0, 1])
    drawn, real = features(seed=1), features(seed=2)
    scale = [torch.tensor(0.5)]
    one = tom.gram_loss([tom.gram(drawn)], [tom.gram(real)], scale)
    other = tom.gram_loss([tom.gram(drawn[order])], [tom.gram(real[order])], scale)
    assert torch.allclose(one, other, atol=1e-7)
    # Pairing matters, though: a loss on the batch's mean Gram matrix would not notice this.
    assert not torch.allclose(one, tom.gram_loss([tom.gram(drawn)], [tom.gram(real[order])], scale), rtol=1e-3)
    mean_of_each = torch.stack([tom.gram_loss([tom.gram(drawn[i : i + 1])], [tom.gram(real[i : i + 1])], scale)
                                for i in range(3)]).mean()
    assert torch.allclose(one, mean_of_each, rtol=1e-5)


def test_adain_takes_the_sketchs_moments_and_keeps_the_layout():
    content, sketch = features(seed=3), 4 + 3 * features(seed=4)
    target = tom.adain(content, *tom.moments(sketch))
    for got, wanted in zip(tom.moments(target), tom.moments(sketch), strict=True):
        assert torch.allclose(got, wanted, rtol=1e-3, atol=1e-3)
    a, b = (x - x.mean((2, 3), keepdim=True) for x in (target, content))
    cosine = (a * b).sum((2, 3)) / (a.norm(dim=(2, 3)) * b.norm(dim=(2, 3)))
    assert (cosine > 0.999).all()
    assert tom.feature_loss(target, target) == 0
    assert torch.allclose(tom.feature_loss(2 * target, target), torch.tensor(1.0))


def test_gram_maps_fold_every_layer():
    maps = tom.gram_map([tom.gram(features(channels=c)) for c in (8, 16)])
    assert maps.shape == (3, 256, 16, 16)
    assert GramCritic(2)(maps).shape[:2] == (3, 1)


def test_small_losses():
    assert tom.hinge_critic(torch.tensor([2.0]), torch.tensor([-2.0])) == 0
    assert tom.hinge_critic(torch.tensor([0.0]), torch.tensor([0.0])) == 2
    black_and_white = torch.tensor([0.0, 1.0, 1.0])
    assert tom.indecision(black_and_white) == 0 < tom.indecision(torch.tensor([0.5]))
    lines = torch.zeros(2, 1, 8, 8)
    lines[..., 3] = 1
    assert tom.lead_loss(lines, lines) < 0.01
    assert tom.lead_loss(lines.roll(1, 3), lines) > 1


# -- lines -----------------------------------------------------------------------------------------------------------


def blurred_cross(size=96):
    y, x = np.mgrid[:size, :size].astype(np.float32)
    return np.maximum(np.exp(-((x - 40) ** 2) / 18), 0.4 * np.exp(-((y - 50) ** 2) / 18))


def test_ridges_are_single_thin_lines_and_looks_run_from_sparse_to_careful():
    edge = blurred_cross()
    inks = [draw_ridges(edge, variant) for variant in RIDGE_VARIANTS]
    for ink in inks:
        assert ink.min() >= 0 and ink.max() <= 1
        assert ((ink[20] > 0.5).sum()) == 1  # one line across this row, one pixel wide: no double edge
    amounts = [ink.sum() for ink in inks]
    assert amounts == sorted(amounts)
    assert inks[0][50, 80] < 0.1 < 0.9 < inks[-1][49:52, 80].max()  # the faint bar only in the careful variant
    assert draw_ridges(np.zeros((40, 40), np.float32), RIDGE_VARIANTS[3]).sum() == 0


def test_the_pens_width():
    line = np.zeros((21, 21), bool)
    line[10] = True
    for weight in (1.0, 2.5, 4.0):
        assert pen(line, weight)[:, 5].sum() == pytest.approx(weight, abs=0.15)


def test_distances_survive_a_change_of_size():
    ink = np.zeros((64, 64), np.uint8)
    ink[:, 30] = 255
    for size in (32, 64, 128):
        distance = distance_to_lines(ink, (0, 0, 64), size)
        column = (30.5) * size / 64
        wanted = np.abs(np.arange(size) + 0.5 - column)
        assert np.abs(distance[5] - wanted).max() < 0.8 * max(1, size / 64)
    assert distance_to_lines(np.zeros_like(ink), (0, 0, 64), 32).min() > 50


# -- samples ---------------------------------------------------------------------------------------------------------


def records(variants, count=4):
    rng = np.random.default_rng(1)
    made = []
    for i in range(count):
        image = np.kron(rng.integers(0, 255, (5, 6, 3)), np.ones((12, 12, 1))).astype(np.uint8)
        inks = np.zeros((variants, *image.shape[:2]), np.uint8)
        for k in range(variants):
            inks[k, :, 12 * (k % 5) + 6] = 255
        made.append(Record(f"{i:064d}", image, inks))
    return made


SAMPLES = SketcherSamples(size=SIZE, scale=(0.5, 1.0))


def test_samples_are_pure_and_match_their_variant():
    data, maker = records(3), ExtractorSampleMaker(SAMPLES, 3)
    first, again = (maker(data, 0, np.random.default_rng(9)) for _ in range(2))
    assert all(torch.equal(first[k], again[k]) for k in first)
    assert first["image"].shape == (3, SIZE, SIZE) and first["field"].shape == (1, SIZE, SIZE)
    assert first["variant"].sum() == 1 and set(first["variant"].tolist()) <= {0.0, 1.0}
    assert first["field"].min() >= 0 and first["field"].max() <= 1
    with pytest.raises(TrainError, match="3 inks, the extractor 5"):
        ExtractorSampleMaker(SAMPLES, 5)(data, 0, np.random.default_rng(0))


def test_tom_samples_pair_lines_with_their_photo_and_sketches_with_nobody(tmp_path):
    scans = [np.zeros((64, 64), np.uint8), np.full((64, 64), 255, np.uint8)]
    maker = TomSampleMaker(SAMPLES, scans)
    sample = maker(records(2), 0, np.random.default_rng(3))
    assert sample["lines"].max() > 0.5 and sample["sketch"].mean() > 0.5  # the blank scan is passed over
    assert not maker(records(0), 0, np.random.default_rng(3))["lines"].any()
    with pytest.raises(TrainError, match="--drawings"):
        load_scans(tmp_path)


def test_hairlines_stay_dark_in_a_shrunk_crop(tmp_path):
    paper = np.full((256, 256), 255, np.uint8)
    paper[20:230, 100] = 0
    Image.fromarray(paper).save(tmp_path / "hairline.png")
    scans = load_scans(tmp_path)
    assert scans[0].shape == (256, 256) and (scans[0][120] > 127).sum() == 3
    maker = TomSampleMaker(replace(SAMPLES, size=128, sketch_scale=(1.0, 1.0)), scans)
    assert maker(records(1), 0, np.random.default_rng(0))["sketch"].max() > 0.8  # 0.5 as it was scanned


def test_a_sweep_asks_for_ever_denser_drawings():
    ink = np.zeros((4, 64, 64), np.uint8)
    for variant in range(4):
        ink[variant, :: 2 ** (5 - variant)] = 255
    record = Record("k", records(1)[0].image, ink)
    scans = [np.zeros((64, 64), np.uint8) for _ in range(10)]
    for number, scan in enumerate(reversed(scans), 1):
        scan[:, : 6 * number] = 255
    maker = TomSampleMaker(replace(SAMPLES, sweep=(100, 200)), scans)
    assert [maker.progress(i) for i in (0, 99, 100, 150, 200, 999)] == [None, None, 0.0, 0.5, 1.0, 1.0]

    def ink_at(i):
        made = [maker([record], i, np.random.default_rng([7, n])) for n in range(12)]
        return [float(np.mean([m[kind].mean() for m in made])) for kind in ("lines", "sketch")]

    sparse, middle, dense = (ink_at(i) for i in (100, 150, 200))
    assert sparse[0] < middle[0] < dense[0] and sparse[1] < middle[1] < dense[1]
    for wrong in ((200, 100), (5,)):
        with pytest.raises(TrainError, match="two numbers of pictures, rising"):
            TomSampleMaker(replace(SAMPLES, sweep=wrong), scans)


# -- the stages in the loop ------------------------------------------------------------------------------------------


def run_tom(out, pictures, resume="", weights=None, **settings):
    config = replace(DEFAULTS, out=str(out), num_images=pictures, resume=resume, **settings)
    torch.manual_seed(5)
    trunk = VGGTrunk(3).eval().requires_grad_(False)
    stage = TomStage(SketchGeneratorConfig(8), trunk, weights, TomSchedule(tom_from=8, snapshot_images=8),
                     snapshots=out / "snapshots")
    scans = [np.eye(64, dtype=np.uint8) * 255]
    stage.samples = SampleStream(records(2), TomSampleMaker(SAMPLES, scans), config.seed, config.batch, 0)
    stage.held_out = torch.zeros(2, 3, SIZE, SIZE)
    return state_of(train(stage, config))


def test_tom_resumes_bit_for_bit_and_leaves_snapshots(tmp_path):
    straight = run_tom(tmp_path / "a", 24)
    run_tom(tmp_path / "b", 12)
    resumed = run_tom(tmp_path / "b", 24, "latest")
    assert not [n for n, t in straight.tensors.items() if not torch.equal(t, resumed.tensors[n])]
    names = [p.name for p in sorted((tmp_path / "b" / "snapshots").glob("*"))]
    assert names == ["0000000016.safetensors", "0000000024.safetensors"]
    generators = load_snapshots(tmp_path / "b" / "snapshots", 2)
    own = {k.removeprefix("networks.generator."): v for k, v in straight.tensors.items() if ".generator." in k}
    assert torch.equal(generators[-1].enter.weight, own["enter.weight"])
    with pytest.raises(TrainError, match="holds 2 TOM snapshots, 3 are needed"):
        load_snapshots(tmp_path / "b" / "snapshots", 3)


@pytest.mark.parametrize("off", ["feature", "gram", "adversarial", "indecision", "lead"])
def test_every_term_of_tom_can_be_turned_off(tmp_path, off):
    run_tom(tmp_path / off, 16, weights=replace(TomWeights(), **{off: 0.0}))


def test_a_trunk_too_shallow_for_the_layers_is_refused():
    with pytest.raises(TrainError, match="3 blocks"):
        TomStage(SketchGeneratorConfig(8), VGGTrunk(3), schedule=TomSchedule(layers=(2, 3, 4)))


TINY = ExtractorConfig(width=8, depth=1, variants=2)


def run_distil(out, pictures, resume="", **settings):
    config = replace(DEFAULTS, out=str(out), num_images=pictures, resume=resume, **settings)
    torch.manual_seed(5)
    stage = DistilStage(TINY, learning_rate=5e-3)
    stage.samples = SampleStream(records(2), ExtractorSampleMaker(SAMPLES, 2), config.seed, config.batch, 0)
    stage.held_out = torch.zeros(2, 3, SIZE, SIZE)
    return train(stage, config)


def test_distillation_resumes_bit_for_bit_and_its_average_can_be_loaded(tmp_path):
    straight = state_of(run_distil(tmp_path / "a", 24))
    run_distil(tmp_path / "b", 12)
    path = run_distil(tmp_path / "b", 24, "latest")
    resumed = state_of(path)
    assert not [n for n, t in straight.tensors.items() if not torch.equal(t, resumed.tensors[n])]
    config, net = load_extractor(str(tmp_path / "b"))
    assert config == TINY and torch.equal(net.code.weight, resumed.part("ema.extractor")["code.weight"])
    assert torch.equal(load_extractor(str(path))[1].code.weight, net.code.weight)
    save_file({"code.weight": net.code.weight}, tmp_path / "half.safetensors")
    with pytest.raises(TrainError, match="does not hold the weights of a sketch extractor"):
        load_extractor(str(tmp_path / "half.safetensors"))


def test_the_extractor_learns_where_a_line_is():
    """Forty steps on one picture bring the field loss well below that of blank paper."""
    torch.manual_seed(0)
    stage = DistilStage(TINY, learning_rate=1e-2)
    net, optimizer = stage.networks["extractor"], stage.optimizers["extractor"]
    image = -torch.ones(2, 3, SIZE, SIZE)
    image[:, :, :, 16:] = 1
    distance = (torch.arange(SIZE) - 15.5).abs().expand(2, 1, SIZE, SIZE)
    field = torch.exp(-distance**2 / (2 * SPREAD**2))
    code = torch.eye(2)
    before = sum(field_loss(torch.full_like(field, -4.0), field, ExtractorWeights()).values())
    for _ in range(40):
        loss = sum(field_loss(net.logits(image, code), field, ExtractorWeights()).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.6 * before
    ink = net(image, code, torch.ones(2))
    assert ink[..., 15:17].amax(-1).mean() > 0.6 and ink[..., :12].mean() < 0.02
