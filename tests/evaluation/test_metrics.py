"""Metrics on cases with a known answer."""

import numpy as np
import pytest
from scipy import ndimage

from evaluation.metrics.colour import histogram_emd, lab, mean_chroma, sliced_wasserstein
from evaluation.metrics.edges import edge_agreement, ink_lines, pen_reach, picture_edges
from evaluation.metrics.figure_ground import closed_regions, figure_ground_contrast, neighbours
from evaluation.metrics.hues import count_colours
from evaluation.metrics.leakage import reference_leakage
from evaluation.metrics.lines import line_darkness, line_recall
from evaluation.metrics.retrieval import style_retrieval


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


def test_chroma_of_grey_is_none():
    assert mean_chroma(flat(128)) < 0.1 < 60 < mean_chroma(flat((200, 30, 30)))


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


# -- colours ----------------------------------------------------------------------------------------------------------


def test_colours_are_counted_when_they_are_far_apart_and_not_tiny():
    assert count_colours(flat((90, 120, 60), 128)) == 1
    picture = flat((200, 60, 60), 128)
    picture[:, 64:] = (60, 60, 200)
    assert count_colours(picture) == 2
    picture[:40, :40] = (80, 180, 80)
    assert count_colours(picture) == 3
    picture[:4, :4] = (255, 255, 255)  # a tenth of a percent
    assert count_colours(picture) == 3


def test_shades_within_reach_and_grain_are_no_colours_of_their_own():
    ramp = np.linspace(100, 125, 128).astype(np.uint8)
    assert count_colours(np.broadcast_to(ramp[None, :, None], (128, 128, 3)).copy()) == 1
    grain = np.random.default_rng(0).integers(0, 2, (256, 256, 1)).repeat(3, 2) * 255
    assert count_colours(grain.astype(np.uint8)) <= 3, "black and white grain is about one grey"


# -- a drawing's lines ------------------------------------------------------------------------------------------------


def drawn(ink, paper, line):
    return np.where(ink[..., None] > 0.5, np.uint8(line), np.uint8(paper)).repeat(3, 2)


def test_recall_is_the_share_of_lines_that_have_an_edge():
    ink = ndimage.binary_dilation(square()).astype(np.float32)
    edges = picture_edges(drawn(ink, 220, 30))
    assert line_recall(edges, ink) == 1
    left = edges.copy()
    left[:, 48:] = False
    assert line_recall(left, ink) == pytest.approx(0.5, abs=0.06)
    assert line_recall(np.zeros_like(edges), ink) == 0
    assert np.isnan(line_recall(edges, np.zeros_like(ink)))


def test_a_solid_black_area_is_found_by_its_outline():
    ink = np.zeros((96, 96), np.float32)
    ink[20:76, 30:66] = 1
    assert line_recall(picture_edges(drawn(ink, 220, 30)), ink) > 0.9
    assert line_recall(picture_edges(flat(220, 96)), ink) == 0


def test_darkness_is_the_difference_from_what_lies_on_both_sides():
    ink = ndimage.binary_dilation(square()).astype(np.float32)
    apart = lab(flat(220))[0, 0, 0] - lab(flat(90))[0, 0, 0]
    assert line_darkness(drawn(ink, 220, 90), ink) == pytest.approx(apart, rel=0.1)
    assert line_darkness(drawn(ink, 90, 220), ink) == pytest.approx(-apart, rel=0.1)
    assert line_darkness(flat(220, 96), ink) == pytest.approx(0, abs=1e-6)
    assert np.isnan(line_darkness(flat(220, 96), np.zeros_like(ink)))


def test_the_edge_of_a_dark_figure_is_no_dark_line():
    ink = square().astype(np.float32)
    picture = flat(200, 96)
    picture[20:76, 20:76] = 60
    step = lab(flat(200))[0, 0, 0] - lab(flat(60))[0, 0, 0]
    assert abs(line_darkness(picture, ink)) < 0.3 * step
    picture[ink > 0.5] = 0
    assert line_darkness(picture, ink) > 0.35 * step


# -- retrieval --------------------------------------------------------------------------------------------------------


def test_outputs_find_their_reference_whatever_all_outputs_share():
    rng = np.random.default_rng(0)
    references = [rng.normal(size=(20, 12)), rng.normal(size=(20, 6))]
    right = np.roll(np.arange(20), 7)
    outputs = [layer[right] * 0.5 + 3 for layer in references]  # washed out and brighter, all alike
    nothing_barred = np.zeros((20, 20), bool)
    assert style_retrieval(outputs, references, right, nothing_barred).mean() == 1
    assert style_retrieval(outputs, references, np.arange(20), nothing_barred).mean() < 0.3


def test_barred_references_do_not_stand_among_the_others():
    references = [np.array([[0.0], [0.1], [5.0], [9.0]])]
    outputs = [np.array([[0.1], [0.1], [5.0], [9.0]])]  # the first resembles reference 1 rather than its own
    right, barred = np.arange(4), np.zeros((4, 4), bool)
    assert style_retrieval(outputs, references, right, barred)[0] == 0
    barred[0, 1] = True
    assert style_retrieval(outputs, references, right, barred)[0] == 1
