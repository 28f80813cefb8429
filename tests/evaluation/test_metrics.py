"""Metrics on cases with a known answer, and all of them together on pictures that were damaged on purpose."""

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn

from evaluation.columns import COLUMNS, REAL, table, verdicts
from evaluation.metrics.bootstrap import NO_DIFFERENCE, Interval, bootstrap, bootstrap_mean, compare
from evaluation.metrics.colour import chroma_ratio, histogram_emd, lab, sliced_wasserstein
from evaluation.metrics.consistency import content_consistency, style_consistency
from evaluation.metrics.distributions import frechet_distance, kid
from evaluation.metrics.edges import edge_agreement, ink_lines, pen_reach, picture_edges
from evaluation.metrics.features import judge_features, style_distance, style_scales
from evaluation.metrics.figure_ground import closed_regions, figure_ground_contrast, neighbours
from evaluation.metrics.leakage import reference_leakage
from evaluation.metrics.probe import probe_accuracy
from evaluation.metrics.retrieval import style_retrieval
from evaluation.metrics.sketches import sketch_alignment, sketch_diversity
from evaluation.numbers import RealPictures, evaluate_outputs, real_floor
from evaluation.testsets import load_testset
from evaluation.trials import Trials, plan_trials

TESTSET = Path(__file__).parents[2] / "evaluation" / "testset" / "test"
COUNT = 8


class StandInJudge(nn.Module):
    """Random convolutions: features of the real judge's kind, without its packages."""

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.convs = nn.ModuleList()
        for a, b in ((3, 16), (16, 24), (24, 32), (32, 32), (32, 32)):
            conv = nn.Conv2d(a, b, 3, 2, 1)
            nn.init.normal_(conv.weight, std=(2 / (9 * a)) ** 0.5, generator=generator)
            self.convs.append(conv.requires_grad_(False))

    def forward(self, image):
        maps = []
        for conv in self.convs:
            image = conv(image).relu()
            maps.append(image)
        return maps

    def head(self, last):
        return last


def square(size=96, low=20, high=75):
    """Lines of a square, one pixel wide."""
    lines = np.zeros((size, size), bool)
    lines[[low, high], low : high + 1] = True
    lines[low : high + 1, [low, high]] = True
    return lines


def flat(colour, size=32):
    return np.full((size, size, 3), colour, np.uint8)


# -- known answers --------------------------------------------------------------------------------------------------


def test_edges_agree_with_themselves_and_within_the_tolerance():
    lines = square()
    same = edge_agreement(lines, lines, 1)
    assert (same.precision, same.recall, same.f1, same.chamfer) == (1, 1, 1, 0)
    moved = np.roll(lines, (3, 3), (0, 1))
    assert edge_agreement(moved, lines, 5).f1 == 1  # a corner moves by 3 * 2^0.5
    assert edge_agreement(moved, lines, 2).f1 < 0.2


def test_missing_edges_lower_recall_and_extra_edges_lower_precision():
    lines = square()
    half = lines.copy()
    half[:, :48] = False
    fewer, more = edge_agreement(half, lines, 1), edge_agreement(lines, half, 1)
    assert fewer.precision == 1 and fewer.recall == pytest.approx(0.5, abs=0.05)
    assert more.recall == 1 and more.precision == pytest.approx(0.5, abs=0.05)
    assert edge_agreement(np.zeros_like(lines), lines).f1 == 0
    assert edge_agreement(np.zeros_like(lines), lines).chamfer == pytest.approx(np.hypot(96, 96))


def test_chamfer_of_parallel_lines_is_their_distance():
    a, b = np.zeros((40, 40), bool), np.zeros((40, 40), bool)
    a[10], b[17] = True, True
    assert edge_agreement(a, b).chamfer == 7


@pytest.mark.parametrize("extractor", ["canny", "xdog"])
def test_both_extractors_find_the_edge_of_a_disc_and_nothing_on_blank_paper(extractor):
    y, x = np.mgrid[:96, :96]
    distance = np.hypot(y - 48, x - 48)
    picture = np.where(distance[..., None] < 25, 40, 220).astype(np.uint8).repeat(3, 2)
    edges = picture_edges(picture, extractor)
    assert edges.sum() > 100 and np.abs(distance[edges] - 25).max() < 3
    assert not picture_edges(flat(200, 96), extractor).any()


def test_ink_lines_are_one_pixel_wide():
    ink = ndimage.binary_dilation(square(), iterations=2).astype(np.float32)
    assert edge_agreement(ink_lines(ink), square(), 1.5).f1 > 0.97
    assert ink_lines(ink).sum() < 1.1 * square().sum()


@pytest.mark.parametrize("extractor", ["canny", "xdog"])
def test_both_sides_of_a_felt_pen_are_its_line(extractor):
    ink = ndimage.binary_dilation(square(), iterations=3, structure=np.ones((3, 3))).astype(np.float32)
    edges = picture_edges((255 * (1 - ink[..., None])).repeat(3, 2).astype(np.uint8), extractor)
    lines, reach = ink_lines(ink), pen_reach(ink)
    assert edge_agreement(edges, lines, 2).f1 < 0.2, "seven pixels wide: its sides are farther than two from its middle"
    assert edge_agreement(edges, lines, 2, reach).f1 > 0.95
    assert edge_agreement(np.roll(edges, (12, 12), (0, 1)), lines, 2, reach).f1 < 0.3
    assert edge_agreement(np.zeros_like(edges), lines, 2, reach).recall == 0
    thin = ndimage.binary_dilation(square()).astype(np.float32)
    assert not pen_reach(thin)[ink_lines(thin)].any(), "a pen of three pixels is its own middle"


def test_colour_distances_of_two_flat_pictures_are_their_lab_distance():
    a, b = flat((200, 60, 60)), flat((60, 60, 200))
    apart = np.linalg.norm(lab(a)[0, 0] - lab(b)[0, 0])
    assert histogram_emd(a, b) == pytest.approx(apart, rel=1e-3)
    assert 0.3 * apart < sliced_wasserstein(a, b) < apart
    assert histogram_emd(a, a) == sliced_wasserstein(a, a) == 0


def test_colour_distances_do_not_mind_where_a_colour_is():
    rng = np.random.default_rng(0)
    picture = ndimage.zoom(rng.integers(0, 255, (8, 8, 3)), (8, 8, 1), order=0).astype(np.uint8)
    turned = picture[::-1, ::-1].copy()
    assert sliced_wasserstein(picture, turned) < 0.2
    assert histogram_emd(picture, turned) < 0.5


def test_chroma_of_grey_is_none_and_of_itself_is_one():
    picture = flat((200, 60, 60))
    assert chroma_ratio(picture, picture) == 1
    assert chroma_ratio(flat(128), picture) < 0.02


def test_leakage_counts_reference_edges_away_from_the_ink():
    lines, reference = square(), np.zeros((96, 96), bool)
    reference[47, 30:66] = True
    reference[20, 30:66] = True  # on a line of the drawing: does not count
    assert reference_leakage(lines, reference, lines) == 0
    assert reference_leakage(lines | reference, reference, lines) == 1
    half = reference.copy()
    half[:, :48] = False
    assert reference_leakage(lines | half, reference, lines) == pytest.approx(0.55, abs=0.06)
    assert np.isnan(reference_leakage(lines, lines, lines))


def test_figure_and_ground_are_two_neighbouring_regions():
    ink = square().astype(np.float32)
    regions = closed_regions(ink)
    assert regions.max() == 2 and regions[48, 48] != regions[2, 2]
    assert neighbours(regions).tolist() == [[1, 2]]
    picture = flat((200, 60, 60), 96)
    assert figure_ground_contrast(picture, ink) == pytest.approx(0, abs=1e-9)
    picture[20:76, 20:76] = (60, 60, 200)
    apart = np.linalg.norm(lab(flat((200, 60, 60)))[0, 0] - lab(flat((60, 60, 200)))[0, 0])
    assert figure_ground_contrast(picture, ink) == pytest.approx(apart, rel=0.1)
    assert np.isnan(figure_ground_contrast(picture, np.zeros((96, 96), np.float32)))


def test_a_small_gap_does_not_open_a_region():
    ink = square().astype(np.float32)
    ink[20, 40:44] = 0
    assert closed_regions(ink).max() == 2
    ink[20, 30:60] = 0
    assert closed_regions(ink).max() == 1


def test_kid_is_about_zero_for_one_distribution_and_grows_with_the_shift():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 200, 16))
    a, b = np.arange(200)[:, None], np.arange(200, 400)[:, None]
    values = [kid(x, y + shift, a, b) for shift in (0, 0.5, 1)]
    assert abs(values[0]) < 0.01 < values[1] < values[2]


def test_kid_equals_the_formula_written_out():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))

    def k(a, b):
        return (a @ b / 3 + 1) ** 3

    xx = np.mean([k(x[i], x[j]) for i in range(4) for j in range(4) if i != j])
    yy = np.mean([k(y[i], y[j]) for i in range(5) for j in range(5) if i != j])
    xy = np.mean([k(a, b) for a in x for b in y])
    assert kid(x, y, np.arange(4)[:, None], np.arange(4, 9)[:, None]) == pytest.approx(xx + yy - 2 * xy)


def test_kid_leaves_out_pairs_that_share_a_painting():
    """Copies of the real pictures score as far from the others as the real pictures do: zero, not below."""
    x = np.random.default_rng(0).normal(size=(20, 4))
    owners = np.arange(20)[:, None]
    assert kid(x, x, owners, owners) == pytest.approx(0, abs=1e-9)
    assert kid(x, x, owners, owners + 20) < -0.05


def test_frechet_distance_of_shifted_and_stretched_gaussians():
    x = np.random.default_rng(0).normal(size=(4000, 3))
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-8)
    assert frechet_distance(x, x + np.array([2, 0, 0])) == pytest.approx(4)
    variance = x.var(0, ddof=1).sum()
    assert frechet_distance(x, 3 * x) == pytest.approx(np.square(2 * x.mean(0)).sum() + 4 * variance, rel=1e-3)


def test_probe_reads_what_is_linear_and_guesses_what_is_not():
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(10), 6)
    centres = rng.normal(size=(10, 32))
    x = centres[labels] + 0.1 * rng.normal(size=(60, 32))
    assert probe_accuracy(x[:40], labels[:40], x[40:], labels[40:]) == 1
    noise = rng.normal(size=(60, 32))
    assert probe_accuracy(noise[:40], labels[:40], noise[40:], labels[40:]) < 0.5


def test_consistency_tells_a_reference_that_decides_from_one_that_does_not():
    colours = [(200, 60, 60), (60, 60, 200), (60, 200, 60)]
    by_reference = [[flat(c) for c in colours] for _ in range(3)]
    by_sketch = [[flat(c)] * 3 for c in colours]
    assert style_consistency(by_reference) == 0
    assert style_consistency(by_sketch) > 100
    assert content_consistency([square(), square()]) == 1
    assert content_consistency([square(), np.roll(square(), 8)]) < 0.7


def test_sketches_that_differ_are_diverse_and_those_on_edges_are_aligned():
    ink = ndimage.binary_dilation(square()).astype(np.float32)
    picture = flat(30, 96)
    picture[20:76, 20:76] = 220
    assert sketch_diversity([ink, ink]) == 0 < 0.5 < sketch_diversity([ink, np.roll(ink, 9, 1) * (ink < 0.5)])
    assert sketch_alignment(ink, picture) > 0.95 > 0.5 > sketch_alignment(np.roll(ink, (9, 9), (0, 1)), picture)


# -- intervals ------------------------------------------------------------------------------------------------------


def test_interval_of_a_mean_covers_it_and_shrinks_with_more_paintings():
    rng = np.random.default_rng(0)
    few, many = (bootstrap_mean(rng.normal(5, 1, n), np.arange(n)) for n in (10, 400))
    assert few.low < 5 < few.high and many.high - many.low < 0.4 * (few.high - few.low)
    assert many.high - many.low == pytest.approx(2 * 1.96 / 20, rel=0.25)


def test_repeats_of_one_painting_do_not_narrow_the_interval():
    values = np.random.default_rng(0).normal(size=12)
    once = bootstrap_mean(values, np.arange(12))
    repeated = bootstrap_mean(np.repeat(values, 50), np.repeat(np.arange(12), 50))
    assert (repeated.low, repeated.high) == pytest.approx((once.low, once.high))


def test_unknown_values_are_left_out_and_overlap_shows_no_difference():
    assert bootstrap_mean(np.array([1.0, np.nan, 1.0]), np.arange(3)) == Interval(1, 1, 1)
    assert np.isnan(bootstrap_mean(np.array([np.nan]), np.arange(1)).value)
    assert bootstrap(lambda which: float(len(which)), 7, draws=5) == Interval(7, 7, 7)
    a, b = Interval(1, 0.5, 1.5), Interval(2, 1.4, 2.6)
    assert compare(a, b, higher_is_better=True) == NO_DIFFERENCE
    assert compare(a, Interval(3, 2, 4), higher_is_better=True) == "worse"
    assert compare(a, Interval(3, 2, 4), higher_is_better=False) == "better"


# -- sensitivity ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real():
    return RealPictures.of(load_testset(TESTSET).first(COUNT), StandInJudge())


def measure(pictures, real, wanted=None):
    """Numbers of outputs that ought to look like `wanted`: the real pictures, unless said otherwise."""
    wanted = list(range(COUNT)) if wanted is None else wanted
    features = judge_features(real.judge, list(pictures))
    own = Trials(np.arange(COUNT), np.arange(COUNT))
    numbers = {k: v.value for k, v in evaluate_outputs(list(pictures), own, real).items()}
    references = [real.testset.pictures[j] for j in wanted]
    numbers["lab_emd"] = np.mean([histogram_emd(a, b) for a, b in zip(pictures, references, strict=True)])
    numbers["lab_sliced"] = np.mean([sliced_wasserstein(a, b) for a, b in zip(pictures, references, strict=True)])
    numbers["chroma"] = np.mean([chroma_ratio(a, b) for a, b in zip(pictures, references, strict=True)])
    numbers["style"] = style_distance(features, real.features[wanted], real.scales).mean()
    numbers["retrieval"] = style_retrieval(features, wanted, real.features).mean()
    return numbers


@pytest.fixture(scope="module")
def identity(real):
    return measure(real.testset.pictures, real)


def test_identity_is_perfect(identity):
    for key in ("lab_emd", "lab_sliced", "style"):
        assert identity[key] == pytest.approx(0, abs=1e-6)
    assert identity["chroma"] == identity["retrieval"] == identity["contrast"] == 1
    assert identity["kid_own"] == pytest.approx(0, abs=1e-6)
    assert 0.3 < identity["canny_f1_2px"] < 0.9  # a real picture has edges that nobody drew
    assert identity["canny_f1_1px"] < identity["canny_f1_2px"] < identity["canny_f1_3px"]


def test_blur_loses_edges_texture_and_realism_but_not_colour(real, identity):
    blurred = np.stack([ndimage.gaussian_filter(p, (4, 4, 0)) for p in real.testset.pictures])
    numbers = measure(blurred, real)
    assert numbers["canny_recall"] < 0.8 * identity["canny_recall"]
    assert numbers["xdog_f1_2px"] < identity["xdog_f1_2px"]
    assert numbers["style"] > 0.3
    assert numbers["kid_own"] > identity["kid_own"]
    assert numbers["lab_emd"] < 6 and 0.8 < numbers["chroma"] <= 1.02


def test_shuffled_styles_are_found_by_style_and_by_nothing_else(real, identity):
    numbers = measure(real.testset.pictures, real, wanted=[(i + 3) % COUNT for i in range(COUNT)])
    assert numbers["lab_emd"] > 15 and numbers["lab_sliced"] > 8
    assert numbers["style"] > 0.7
    assert numbers["retrieval"] == 0
    for key in ("canny_f1_2px", "xdog_f1_2px", "canny_chamfer", "contrast", "kid_own"):
        assert numbers[key] == identity[key]


def test_shifted_lines_are_found_by_the_edges_and_not_by_colour(real, identity):
    moved = np.roll(real.testset.pictures, (7, 7), (1, 2))
    numbers = measure(moved, real)
    assert numbers["canny_f1_2px"] < 0.8 * identity["canny_f1_2px"]
    assert numbers["xdog_f1_2px"] < 0.85 * identity["xdog_f1_2px"]
    assert numbers["canny_chamfer"] > identity["canny_chamfer"]
    assert numbers["contrast"] < 0.95
    assert numbers["lab_sliced"] < 0.5 and numbers["chroma"] == pytest.approx(1, abs=0.01)


def test_greyed_output_is_found_by_chroma_and_not_by_the_edges(real, identity):
    grey = np.round(real.testset.pictures @ np.array([0.2125, 0.7154, 0.0721]))[..., None].repeat(3, 3).astype(np.uint8)
    numbers = measure(grey, real)
    assert numbers["chroma"] < 0.05
    assert numbers["lab_emd"] > 5 and numbers["style"] > 0.1
    assert numbers["contrast"] < identity["contrast"]
    assert numbers["canny_f1_2px"] == pytest.approx(identity["canny_f1_2px"], abs=0.02)


def test_a_pasted_reference_leaks_and_the_real_picture_does_not(real):
    trials = plan_trials(real.testset.groups, 1)
    assert trials.own.sum() == (~trials.own).sum() == COUNT
    pasted = evaluate_outputs([real.testset.pictures[j] for j in trials.reference], trials, real)
    honest = evaluate_outputs([real.testset.pictures[i] for i in trials.ink], trials, real)
    assert pasted["leakage"].value == 1 and pasted["leakage_excess"].low > 0.4
    assert abs(honest["leakage_excess"].value) < 0.1
    assert pasted["retrieval"].value == 1 > 0.6 > honest["retrieval"].value
    assert pasted["canny_f1_2px"].value < honest["canny_f1_2px"].value


def test_the_floor_lies_between_nothing_and_a_stranger(real):
    floor = real_floor(real)
    trials = plan_trials(real.testset.groups, 1)
    stranger = evaluate_outputs([real.testset.pictures[i] for i in trials.ink], trials, real)
    for key in ("lab_emd", "lab_sliced", "style"):
        assert 0 < floor[key].value < stranger[key].value
    assert floor["kid_own"].low < 0 < floor["kid_own"].high


def test_style_scales_make_strangers_about_one_and_a_half_apart(real):
    distance = style_distance(real.features, real.features[[*range(1, COUNT), 0]], style_scales(real.features))
    assert 0.7 < distance.mean() < 2


def test_tables_say_what_is_better_and_what_is_not_shown():
    worse, better = Interval(20, 19, 21), Interval(5, 4, 6)
    rows = {
        "ours": {"lab_emd": better, "canny_f1_2px": Interval(0.6, 0.58, 0.62), "chroma": Interval(0.9, 0.8, 1.0)},
        "other": {"lab_emd": worse, "canny_f1_2px": Interval(0.95, 0.94, 0.96), "chroma": Interval(0.7, 0.5, 0.85)},
        REAL: {"canny_f1_2px": Interval(0.55, 0.5, 0.6)},
    }
    text = verdicts(rows, "ours")
    assert "| Lab EMD | better |" in text
    assert "| edge F1 (Canny, 2 px) | better |" in text  # nearer to the real pictures' own
    assert f"| chroma / reference's | {NO_DIFFERENCE} |" in text
    assert "5.0 [4.0, 6.0]" in table(rows, COLUMNS)
