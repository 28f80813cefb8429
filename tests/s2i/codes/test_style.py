"""Style codes are values: exact ends, honest errors."""

from __future__ import annotations

import pytest
import torch

from s2i import StyleCode
from s2i.errors import S2IError
from tests.s2i.codes.style_codes import code, same


def test_lerp_is_exact_at_both_ends():
    a, b = code(1), code(2)
    assert same(a.lerp(b, 0), a) and same(a.lerp(b, 1), b)


def test_lerp_over_a_vector_makes_a_strip_of_frames():
    a, b = code(1), code(2)
    frames = a.lerp(b, torch.linspace(0, 1, 5))
    assert frames.batch == 5
    assert torch.equal(frames[0].vectors, a.vectors) and torch.equal(frames[4].palette_root, b.palette_root)
    assert frames[0].token_weights.tolist() == [[1, 1, 1, 0, 0, 0]], "a frame at an end asks that end's tokens alone"


def test_mix_takes_whole_scales():
    a, b = code(1), code(2)
    mixed = a.mix(b, ("fine",))
    assert torch.equal(mixed.vectors[:, :2], a.vectors[:, :2]) and torch.equal(mixed.vectors[:, 2:], b.vectors[:, 2:])
    assert torch.equal(mixed.palette_mean, a.palette_mean) and torch.equal(mixed.tokens, a.tokens)
    recoloured = a.mix(b, ("palette",))
    assert torch.equal(recoloured.vectors, a.vectors) and torch.equal(recoloured.palette_root, b.palette_root)
    assert same(a.mix(b, StyleCode.SCALES), b) and same(a.mix(b, ()), a)
    with pytest.raises(S2IError, match="medium"):
        a.mix(b, ("medium",))


def test_mean_weights_sum_to_one_and_a_lone_weight_is_exact():
    a, b = code(1), code(2, tokens=2)
    assert same(StyleCode.mean([a, b], [0, 3]), b)
    both = StyleCode.mean([a, b], [2, 2])
    torch.testing.assert_close(both.palette_mean, (a.palette_mean + b.palette_mean) / 2)
    assert both.token_weights.tolist() == [[0.5] * 5], "the tokens of both, each counting half"
    for weights in ([0, 0], [-1, 2], [float("nan"), 1], [1]):
        with pytest.raises(S2IError):
            StyleCode.mean([a, b], weights)


def test_batches_index_expand_and_concatenate():
    three = StyleCode.cat([code(1), code(2), code(3)])
    assert len(three) == 3 and same(three[1], code(2)) and same(three[-1], code(3)) and three[1:].batch == 2
    assert code(1).expand(4).batch == 4
    with pytest.raises(S2IError, match="3 styles"):
        three.expand(2)
    with pytest.raises(IndexError):
        three[3]


def test_a_batch_of_codes_with_different_numbers_of_tokens():
    both = StyleCode.cat([code(1, tokens=2), code(2, tokens=4)])
    assert both.tokens.shape == (2, 4, 5)
    assert both.token_weights[0].tolist() == [1, 1, 0, 0], "what fills up the shorter one counts nothing"


def test_styles_of_two_models_do_not_mix():
    tokens, palette = (torch.zeros(1, 3, 5), torch.ones(1, 3)), (torch.zeros(1, 3), torch.eye(3)[None])
    other = StyleCode(torch.zeros(1, 4, 9), *tokens, *palette)
    with pytest.raises(S2IError, match="different models"):
        code(1).lerp(other, 0.5)
