"""Style codes are values: exact ends, honest errors, files that come back the same."""

from __future__ import annotations

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from s2i.errors import S2IError
from s2i.style import RegionalStyle, StyleCode


def code(seed: int, batch: int = 1, tokens: int = 3) -> StyleCode:
    g = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(batch, *shape, generator=g)  # noqa: E731
    root = draw(3, 3)
    return StyleCode(draw(4, 8), draw(tokens, 5), torch.ones(batch, tokens), draw(3), root @ root.mT)


def parts(c: StyleCode) -> list[torch.Tensor]:
    return [c.vectors, c.tokens, c.token_weights, c.palette_mean, c.palette_root]


def same(a: StyleCode, b: StyleCode) -> bool:
    return all(torch.equal(x, y) for x, y in zip(parts(a), parts(b), strict=True))


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


def test_recolouring_moves_the_palette_and_nothing_else():
    a = code(1)
    same_again = a.recolour(torch.eye(3), torch.zeros(3))
    torch.testing.assert_close(same_again.palette_root, a.palette_root, atol=1e-4, rtol=1e-4)
    moved = a.recolour(2 * torch.eye(3), torch.tensor([0.1, 0.0, 0.0]))
    torch.testing.assert_close(moved.palette_mean, 2 * a.palette_mean + torch.tensor([0.1, 0.0, 0.0]))
    torch.testing.assert_close(moved.palette_root, 2 * a.palette_root, atol=1e-4, rtol=1e-4)
    assert torch.equal(moved.vectors, a.vectors) and torch.equal(moved.tokens, a.tokens)


def test_save_and_load_are_bit_equal(tmp_path):
    original = code(3, batch=2)
    original.save(tmp_path / "style.safetensors")
    assert same(StyleCode.load(tmp_path / "style.safetensors"), original)
    assert [p.name for p in tmp_path.iterdir()] == ["style.safetensors"]


@pytest.mark.parametrize("content", [b"", b"not a style", b"\x80\x04K\x01."])
def test_a_damaged_style_file_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(S2IError, match=r"bad\.safetensors") as error:
        StyleCode.load(path)
    assert "\n" not in str(error.value)


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


def test_a_saved_style_is_small_and_holds_no_picture(tmp_path):
    """320 tokens of a 256² reference: under a megabyte, and no tensor that could be one of its pixels."""
    big = StyleCode(torch.zeros(1, 5, 256), torch.randn(1, 320, 256).half().float(), torch.ones(1, 320),
                    torch.zeros(1, 3), torch.eye(3)[None])
    big.save(tmp_path / "big.safetensors")
    assert (tmp_path / "big.safetensors").stat().st_size < 1_000_000
    assert same(StyleCode.load(tmp_path / "big.safetensors"), big)


def test_regions_share_every_pixel():
    left, right = torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 8, 8)
    left[..., :4], right[..., 6:] = 1, 1
    weights = RegionalStyle((code(1), code(2)), (left, right)).weights((8, 8))
    torch.testing.assert_close(sum(weights), torch.ones(1, 1, 8, 8))
    assert weights[0][..., 5].min() == 1, "where no mask reaches, the first style paints"
    assert weights[1][..., 7].min() == 1


def test_a_style_file_of_another_version_says_so(tmp_path):
    path = tmp_path / "old.safetensors"
    code(3).save(path)
    with safe_open(path, "pt") as file:
        facts, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    save_file(tensors, path, {**facts, "format_version": "1"})
    with pytest.raises(S2IError, match="another version"):
        StyleCode.load(path)
