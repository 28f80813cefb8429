"""The painter's samples: roles, inks, hints, references."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from s2i.imaging.ink.ink import resize_ink, to_ink
from train.data.colour_dabs import colour_dabs
from train.data.colour_jitter import ColourJitter
from train.data.painter_samples import PainterSampleMaker, PainterSamples, Role, random_crop, shuffled_tiles
from train.data.pen_inks import pen_ink, pen_settings
from train.data.pictures import Record
from train.data.stream import SampleStream
from train.data.unpaired_drawings import UnpairedDrawings, drawing_ink, shrunk_square
from train.data.xdog_inks import XDoGInk, xdog_ink
from train.errors import TrainError

CONFIG = PainterSamples(size=32, block=8)
VARIANTS = 3


def records(count=4):
    rng = np.random.default_rng(1)
    make = lambda: np.kron(rng.integers(0, 255, (6, 8, 3)), np.ones((8, 8, 1))).astype(np.uint8)  # noqa: E731
    return [Record(f"{i:064d}", make(), np.zeros((0, 48, 64), np.uint8)) for i in range(count)]


@pytest.fixture
def drawings(tmp_path):
    paths = []
    for name in ("artist", "doodle"):
        page = np.full((60, 80), 255, np.uint8)
        page[20:23, 5:70], page[5:50, 30:32] = 0, 0
        Image.fromarray(page).save(tmp_path / f"{name}.png")
        paths.append(tmp_path / f"{name}.png")
    return UnpairedDrawings(paths[:1], paths[1:])


def stream(drawings, config=CONFIG, **settings):
    return SampleStream(records(), PainterSampleMaker(config, VARIANTS, drawings), batch=8, workers=0, **settings)


def test_roles_hold_exactly_in_every_block(drawings):
    batch = next(stream(drawings).batches())
    assert batch["role"].tolist() == [Role.OWN] * 4 + [Role.UNPAIRED] * 2 + [Role.DRAWING] * 2
    assert batch["extracted"].tolist() == [0, 1, 1, 1, 1, 1, 0, 0]
    assert batch["variant"].sum(1) == pytest.approx(torch.ones(8))
    for name in ("ink", "partner_ink"):
        assert batch[name].min() >= 0 and batch[name].max() <= 1
    for name in ("image", "reference"):
        assert batch[name].min() >= -1 and batch[name].max() <= 1
    assert batch["ink"][batch["extracted"] == 1].sum() == 0, "there the extractor draws"
    assert (batch["partner_ink"][batch["extracted"] == 0].sum((1, 2, 3)) > 0).all()


def test_a_sample_depends_on_seed_and_number_alone(drawings):
    whole, later = stream(drawings), stream(drawings)
    first = [whole.sample(i) for i in range(16)]
    for i in (15, 3, 9):
        again = later.sample(i)
        assert all(torch.equal(again[name], first[i][name]) for name in again)
    assert not torch.equal(stream(drawings, seed=1).sample(0)["image"], first[0]["image"])


def test_small_and_large_batches_take_turns(drawings):
    config = replace(CONFIG, large_size=64, large_block=4)
    mixed = stream(drawings, config, blocks=config.blocks)
    batches = mixed.batches()
    first = [next(batches) for _ in range(4)]
    assert [tuple(b["image"].shape[-2:]) for b in first] == [(32, 32), (64, 64)] * 2
    assert [len(b["sample"]) for b in first] == [8, 4, 8, 4]
    assert first[1]["role"].tolist() == [Role.OWN, Role.OWN, Role.UNPAIRED, Role.DRAWING]
    again = next(stream(drawings, config, blocks=config.blocks).batches(8))
    assert torch.equal(again["image"], first[1]["image"]), "a resumed run goes on at its place"
    rest = next(stream(drawings, config, blocks=config.blocks).batches(2))
    assert rest["sample"].tolist() == list(range(2, 8)), "a block that was begun is finished first"


def test_processes_share_small_and_large_batches(drawings):
    config = replace(CONFIG, large_size=64, large_block=4)
    make = lambda batch: SampleStream(records(), PainterSampleMaker(config, VARIANTS, drawings), batch=batch,  # noqa: E731
                                      workers=0, blocks=config.blocks)
    shared = [[next(b)["sample"].tolist() for _ in range(2)] for b in (make(4).batches(0, r, 2) for r in range(2))]
    assert shared == [[[0, 2, 4, 6], [8, 10]], [[1, 3, 5, 7], [9, 11]]]
    with pytest.raises(TrainError, match="cannot be shared"):
        next(make(8).batches(0, 0, 2))


def test_hints_are_the_targets_own_colours_and_only_where_it_is_known(drawings):
    batch = next(stream(drawings).batches())
    assert batch["hints"][4:].abs().sum() == 0
    assert torch.equal(batch["hints"][:4, :3], batch["image"][:4])
    assert torch.equal(colour_dabs(np.random.default_rng(0), batch["image"][0])[:3], batch["image"][0])
    covered = [colour_dabs(np.random.default_rng(i), batch["image"][0])[3].mean() for i in range(40)]
    assert min(covered) == 0 < max(covered) < 0.5


def test_a_strangers_reference_is_another_picture(drawings):
    flat = [Record(str(i), np.full((48, 64, 3), 40 * i, np.uint8), np.zeros((0, 48, 64), np.uint8)) for i in range(5)]
    config = replace(CONFIG, jitter=0.0, xdog=0.0)
    maker = PainterSampleMaker(config, VARIANTS, drawings)
    for i in range(4, 8):
        sample = maker(flat, i, np.random.default_rng(i))
        assert abs(float(sample["image"].mean() - sample["reference"].mean())) > 0.2


def test_no_drawings_is_an_error_unless_none_are_wanted():
    with pytest.raises(TrainError, match="drawings"):
        PainterSampleMaker(CONFIG, VARIANTS)
    PainterSampleMaker(replace(CONFIG, drawings=0.0), VARIANTS)
    with pytest.raises(TrainError, match="own ink"):
        replace(CONFIG, unpaired=1.0, drawings=1.0).places()


def test_a_crop_of_a_drawing_is_what_the_pipeline_would_see(tmp_path):
    """The same rule shrinks ink in training and in use, pixel by pixel."""
    page = np.full((64, 64), 230, np.uint8)
    page[30:32], page[:, 10:11], page[40:60, 40:60] = 30, 90, 10
    Image.fromarray(page).save(tmp_path / "page.png")
    image = torch.from_numpy(page).float().expand(1, 3, -1, -1) / 127.5 - 1
    expected = resize_ink(to_ink(image), (32, 32))[0]
    trained = shrunk_square((drawing_ink(tmp_path / "page.png") * 255).round().byte(), 0, 0, 64, 32)
    assert (trained - expected).abs().max() <= 1 / 100


def test_a_bad_drawing_is_passed_over_and_none_left_is_an_error(tmp_path, drawings, caplog):
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    Image.fromarray(np.full((40, 40), 255, np.uint8)).save(tmp_path / "blank.png")
    bad = [tmp_path / "bad.png", tmp_path / "blank.png"]
    some = UnpairedDrawings([*bad, *drawings.artists])
    for seed in range(12):
        assert some.crop(np.random.default_rng(seed), 32).sum() > 0
    assert "bad.png" in caplog.text and "blank.png" in caplog.text
    with pytest.raises(TrainError, match="none of 2 drawings"):
        UnpairedDrawings(bad).crop(np.random.default_rng(0), 32)


def test_xdog_inks_cover_about_what_they_are_asked_for():
    image = torch.from_numpy(np.kron(np.random.default_rng(0).random((3, 8, 8)), np.ones((1, 8, 8)))).float()[None]
    few = xdog_ink(image, XDoGInk(0.8, 20.0, 0.0, 0.06, 10.0))
    many = xdog_ink(image, XDoGInk(0.8, 20.0, 0.0, 0.24, 10.0))
    assert few.shape == (1, 1, 64, 64) and few.min() >= 0 and few.max() <= 1
    assert (few > 0).float().mean() == pytest.approx(0.06, abs=0.02)
    assert (many > 0).float().mean() == pytest.approx(0.24, abs=0.02)


def test_xdog_settings_are_as_varied_as_artists():
    drawn = [XDoGInk.draw(np.random.default_rng(i), 128) for i in range(200)]
    assert 0.3 < np.mean([ink.tone > 0 for ink in drawn]) < 0.5
    assert min(ink.sigma for ink in drawn) < 0.6 and max(ink.sigma for ink in drawn) > 1.2
    larger = [XDoGInk.draw(np.random.default_rng(i), 256).sigma for i in range(200)]
    assert min(larger) < 0.7 and max(larger) > 2.2, "hairlines too, and a brush's lines"


def test_pens_differ_in_weight_and_leave_parts_out():
    y = torch.arange(32).float()
    field = torch.exp(-((y - 16) ** 2) / (2 * 1.1**2)).clamp(1e-4, 1 - 1e-4).view(1, 1, 32, 1).expand(2, 1, 32, 32)
    logits = torch.logit(field)
    gaps = torch.zeros(2, 1, 6, 6)
    gaps[1, :, :, :3] = 10.0
    thin, broken = pen_ink(logits, torch.tensor([[0.7, 3.0, 1.0], [0.7, 3.0, 1.0]]), gaps)
    thick = pen_ink(logits[:1], torch.tensor([[2.2, 3.0, 1.0]]), gaps[:1])
    assert thick.sum() > 2 * thin.sum() > 0
    assert broken[..., :8].sum() == 0 and torch.equal(broken[..., 24:], thin[..., 24:])
    pale = pen_ink(logits[:1], torch.tensor([[0.7, 3.0, 0.6]]), gaps[:1])
    assert torch.allclose(pale[0], 0.6 * thin)


def test_pen_settings_blend_two_neighbours():
    for seed in range(20):
        variant = pen_settings(np.random.default_rng(seed), 5, 128)["variant"]
        used = variant.nonzero().flatten().tolist()
        assert variant.sum() == pytest.approx(1) and len(used) <= 2 and used[-1] - used[0] <= 1
    assert pen_settings(np.random.default_rng(0), 1, 128)["variant"].tolist() == [1.0]


def test_jitter_changes_both_pictures_alike():
    image = np.random.default_rng(0).random((8, 8, 3)).astype(np.float32)
    jitter = next(j for j in (ColourJitter(np.random.default_rng(i)) for i in range(50)) if not j.idle)
    assert np.array_equal(jitter(image), jitter(image)) and not np.array_equal(jitter(image), image)
    idle = [ColourJitter(np.random.default_rng(i)).idle for i in range(300)]
    assert 0.3 < np.mean(idle) < 0.5


def test_tiles_keep_every_pixel():
    image = np.random.default_rng(0).random((16, 16, 3)).astype(np.float32)
    shuffled = shuffled_tiles(np.random.default_rng(1), image, 4)
    assert not np.array_equal(image, shuffled)
    assert np.array_equal(np.sort(image.ravel()), np.sort(shuffled.ravel()))


@pytest.mark.parametrize("shape", [(33, 200, 3), (200, 33, 3), (32, 32, 3)])
def test_crops_stay_inside(shape):
    picture = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    for seed in range(20):
        crop = random_crop(np.random.default_rng(seed), picture, (0.4, 1.0), 32)
        assert crop.shape == (32, 32, 3) and crop.min() >= 0 and crop.max() <= 1
    whole = random_crop(np.random.default_rng(0), picture[:32, :32], (1.0, 1.0), 32)
    assert np.allclose(whole * 255, picture[:32, :32], atol=1)
