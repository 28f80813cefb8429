"""Style codes are values: exact ends, honest errors, files that come back the same."""

from __future__ import annotations

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from s2i.errors import S2IError
from s2i.style import RegionalStyle, StyleCode


def code(seed: int, batch: int = 1) -> StyleCode:
    g = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(batch, *shape, generator=g)  # noqa: E731
    return StyleCode((draw(8), draw(6), draw(4)), draw(3, 5), draw(12), draw(2, 3, 4, 4))


def parts(c: StyleCode) -> list[torch.Tensor]:
    return [*c.vectors, c.tokens, c.palette, c.brushwork]


def same(a: StyleCode, b: StyleCode) -> bool:
    return all(torch.equal(x, y) for x, y in zip(parts(a), parts(b), strict=True))


def test_lerp_is_exact_at_both_ends():
    a, b = code(1), code(2)
    assert same(a.lerp(b, 0), a) and same(a.lerp(b, 1), b)


def test_lerp_over_a_vector_makes_a_strip_of_frames():
    frames = code(1).lerp(code(2), torch.linspace(0, 1, 5))
    assert frames.batch == 5 and same(frames[0], code(1)) and same(frames[4], code(2))


def test_mix_takes_whole_scales():
    a, b = code(1), code(2)
    mixed = a.mix(b, ("fine",))
    assert torch.equal(mixed.vectors[0], a.vectors[0]) and torch.equal(mixed.vectors[2], b.vectors[2])
    assert torch.equal(mixed.palette, a.palette) and torch.equal(mixed.brushwork, b.brushwork)
    assert same(a.mix(b, StyleCode.SCALES), b) and same(a.mix(b, ()), a)
    with pytest.raises(S2IError, match="medium"):
        a.mix(b, ("medium",))


def test_mean_weights_sum_to_one_and_a_lone_weight_is_exact():
    a, b = code(1), code(2)
    assert same(StyleCode.mean([a, b], [0, 3]), b)
    torch.testing.assert_close(StyleCode.mean([a, b], [2, 2]).palette, (a.palette + b.palette) / 2)
    for weights in ([0, 0], [-1, 2], [float("nan"), 1], [1]):
        with pytest.raises(S2IError):
            StyleCode.mean([a, b], weights)


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


def test_styles_of_two_models_do_not_mix():
    zeros = (torch.zeros(1, 9), torch.zeros(1, 6), torch.zeros(1, 4))
    other = StyleCode(zeros, torch.zeros(1, 3, 5), torch.zeros(1, 12), torch.zeros(1, 0))
    with pytest.raises(S2IError, match="different models"):
        code(1).lerp(other, 0.5)


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
    del tensors["brushwork"]
    save_file(tensors, path, {**facts, "format_version": "1"})
    with pytest.raises(S2IError, match="another version"):
        StyleCode.load(path)
