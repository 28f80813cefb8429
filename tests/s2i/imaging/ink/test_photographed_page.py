"""Drawings are found on photographed pages: gradients, a hand's shadow, a yellow lamp, ruled paper, faint pencil."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from evaluation.metrics.found_ink import f1
from evaluation.testsets.photographed_pages import ART, CONDITIONS, inks, photograph
from s2i.errors import S2IError
from s2i.imaging.files.picture_files import load_image, load_ink
from s2i.imaging.ink.ink import to_ink
from s2i.imaging.ink.photographed_page import page_light, photographed_ink


def image(page):
    return torch.from_numpy(page).permute(2, 0, 1)[None].float() * 2 - 1


def found(page, how=photographed_ink):
    return how(image(page))[0, 0].numpy() > 0.5


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_drawing_is_found_in_every_light(condition):
    pages = [(name, ink, photograph(ink, condition, seed)) for seed, (name, ink) in enumerate(inks(512))]
    scores = {name: f1(found(page), ink) for name, ink, page in pages}
    assert len(scores) >= 8
    # Of an engraving's hatching a photograph of pencil keeps less: its white gaps are a pixel wide.
    sparse = [scores[name] for name, ink, _ in pages if ink.mean() < 0.1]
    assert len(sparse) >= 6 and np.mean(sparse) > 0.94, scores
    assert min(scores.values()) > 0.75, scores


def test_uneven_light_defeats_a_single_paper_tone():
    """What the function is for: with one tone for the whole page the shadow is taken for ink."""
    _, ink = next(pair for pair in inks(320) if pair[0] == "dog")
    page = photograph(ink, "hand", 3)
    assert f1(found(page, to_ink), ink) < 0.7 < f1(found(page), ink)


def test_a_blank_page_stays_blank():
    page = torch.full((1, 3, 96, 128), 0.7)
    grain = torch.randn(page.shape, generator=torch.Generator().manual_seed(0))
    page = page * torch.linspace(0.6, 1, 128) + 0.02 * grain
    assert photographed_ink(page).mean() < 0.002


def test_a_blackboard_has_light_lines_and_a_dim_page_has_not():
    _, ink = next(pair for pair in inks(256) if pair[0] == "horse")
    lines = torch.from_numpy(ink)[None, None].expand(-1, 3, -1, -1)
    for page in (0.1 + 0.8 * lines, 0.3 - 0.27 * lines):
        assert ((photographed_ink(page * 2 - 1)[0, 0] > 0.5) == (lines[0, 0] > 0.5)).float().mean() > 0.99


def test_a_red_drawing_is_no_ruling():
    _, ink = next(pair for pair in inks(256) if pair[0] == "house")
    page = 0.95 - torch.from_numpy(ink)[None, None] * torch.tensor([0.1, 0.7, 0.7])[None, :, None, None]
    assert f1((photographed_ink(page * 2 - 1)[0, 0] > 0.5).numpy(), ink) > 0.95


def test_solid_blacks_stay_solid():
    page = torch.ones(1, 3, 256, 256)
    page[..., 60:200, 80:190] = -0.96
    ink = photographed_ink(page)
    assert ink[..., 64:196, 84:186].min() > 0.9 and ink[..., :50, :].max() == 0


def test_light_is_positive_and_the_call_is_checked():
    assert (page_light(torch.zeros(1, 3, 40, 30)) > 0).all()
    with pytest.raises(S2IError, match="polarity"):
        photographed_ink(torch.zeros(1, 3, 32, 32), "sideways")


def test_the_example_page_comes_out_as_the_drawing_that_it_shows():
    truth = load_ink(ART / "sketches" / "walker.png")[0, 0].numpy()
    page = load_image(ART / "pages" / "pencil.jpg")
    even, plain = (f1(method(page)[0, 0].numpy() > 0.5, truth) for method in (photographed_ink, to_ink))
    assert even > 0.9 > 0.7 > plain
