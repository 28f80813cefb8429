"""The engine as its users call it: sizes, batches, seeds, errors."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from s2i import RegionalStyle, StyleCode
from s2i.config import ModelConfig
from s2i.errors import S2IError
from s2i.models.sketch_to_image import SketchToImageModel
from s2i.pipeline import SketchToImage


@pytest.fixture(scope="module")
def model() -> SketchToImage:
    return SketchToImage.from_config(ModelConfig.tiny(), seed=1)


def drawing(batch: int = 1, h: int = 48, w: int = 64, seed: int = 0) -> torch.Tensor:
    return (torch.rand(batch, 1, h, w, generator=torch.Generator().manual_seed(seed)) > 0.9).float()


def picture(batch: int = 1, h: int = 40, w: int = 56, seed: int = 0) -> torch.Tensor:
    return torch.rand(batch, 3, h, w, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.mark.parametrize(("h", "w"), [(16, 16), (17, 97), (100, 33), (64, 64), (130, 31)])
def test_output_size_is_the_sketchs_size(model, h, w):
    image = model(drawing(h=h, w=w), picture())
    assert image.shape == (1, 3, h, w)
    assert torch.isfinite(image).all() and image.abs().max() <= 1


def test_size_can_be_asked_for(model):
    assert model(drawing(), picture(), size=(90, 120)).shape == (1, 3, 90, 120)


def test_batches_broadcast_from_one(model):
    assert model(drawing(3), picture(1)).shape[0] == 3
    assert model(drawing(1), picture(3)).shape[0] == 3


def test_a_mismatch_shows_both_sizes(model):
    with pytest.raises(S2IError, match=r"2 .* 3|3 .* 2"):
        model(drawing(2), picture(3))


def test_a_pictures_result_does_not_depend_on_its_batch(model):
    """Picture i of a batch uses seed + i, and nothing else of its neighbours."""
    inks, references = drawing(3), picture(3)
    together = model(inks, references, seed=5)
    for i in range(3):
        alone = model(inks[i : i + 1], references[i : i + 1], seed=5 + i)
        assert torch.equal(together[i : i + 1], alone), "to the bit, on a CPU"


def test_one_seed_for_all_pictures_of_a_batch(model):
    inks, reference = drawing(1).expand(3, -1, -1, -1), picture()
    still = model(inks, reference, seed=5, same_seed=True)
    assert torch.equal(still, still[:1].expand_as(still))
    assert (model(inks, reference, seed=5)[1] - still[1]).abs().max() > 1e-3


def test_same_seed_same_picture_and_another_seed_another(model):
    ink, reference = drawing(), picture()
    torch.manual_seed(1)
    first = model(ink, reference, seed=7)
    torch.manual_seed(2)
    assert torch.equal(first, model(ink, reference, seed=7))
    assert not torch.equal(first, model(ink, reference, seed=8))


def test_the_callers_random_state_is_left_alone(model):
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    model(drawing(), picture(), seed=9)
    SketchToImage.from_config(ModelConfig.tiny(), seed=2)
    assert torch.equal(torch.rand(4), expected)


def test_the_reference_changes_the_picture_and_the_sketch_does_too(model):
    ink, reference = drawing(), picture()
    base = model(ink, reference)
    assert (model(ink, -reference) - base).abs().mean() > 0.01
    assert (model(drawing(seed=4), reference) - base).abs().mean() > 1e-4


def test_working_size_sets_the_drafts_short_side(model):
    content = model.encode_content(drawing(h=100, w=150), working_size=64)
    assert content.size == (64, 96)
    assert model.decode(content, model.encode_style(picture())).shape == (1, 3, 64, 96)


def test_strength_zero_is_the_draft(model):
    ink, style = drawing(h=32, w=32), model.encode_style(picture())
    draft = model.decode(model.encode_content(ink), style)
    assert torch.equal(model.refine(draft, ink, style, strength=0), draft)


def test_line_opacity_lays_the_lines_back(model):
    ink, reference = torch.zeros(1, 1, 48, 48), picture()
    ink[..., 20:24, :] = 1
    plain, lined = model(ink, reference), model(ink, reference, line_opacity=1.0)
    assert torch.equal(plain[..., :18, :], lined[..., :18, :])
    assert lined[..., 20:24, :].mean() < plain[..., 20:24, :].mean()
    assert torch.equal(plain, model(ink, reference, line_opacity=0.0))


def test_a_mask_takes_style_from_a_region_only(model):
    reference = picture(h=64, w=64)
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., :32, :] = 1
    changed = reference.clone()
    changed[..., 40:, :] = 1
    one, two = model.encode_style(reference, mask), model.encode_style(changed, mask)
    for part in ("vectors", "tokens", "token_weights", "palette_mean", "palette_root"):
        assert torch.equal(getattr(one, part), getattr(two, part)), part
    with pytest.raises(S2IError, match="empty"):
        model.encode_style(reference, mask * 0)
    smaller = torch.nn.functional.interpolate(mask, (16, 16))
    assert model.encode_style(reference, smaller).batch == 1


def test_regions_are_painted_by_their_own_style(model):
    ink = drawing(h=32, w=32)
    content = model.encode_content(ink)
    left = torch.zeros(1, 1, 32, 32)
    left[..., :16] = 1
    a, b = model.encode_style(picture(seed=1)), model.encode_style(-picture(seed=1))
    both = model.decode(content, RegionalStyle((a, b), (left, 1 - left)))
    torch.testing.assert_close(both[..., :8], model.decode(content, a)[..., :8])
    torch.testing.assert_close(both[..., 24:], model.decode(content, b)[..., 24:])
    assert model.refine(both, ink, RegionalStyle((a, b), (left, 1 - left))).shape == (1, 3, 32, 32)


def test_variants_interpolate_exactly_at_whole_numbers(model):
    image = picture()
    strip = model.extract_sketch(image, [0, 0.5, 1])
    torch.testing.assert_close(strip[0:1], model.extract_sketch(image, 0))
    torch.testing.assert_close(strip[2:3], model.extract_sketch(image, 1))
    assert strip.shape == (3, 1, 40, 56)


@pytest.mark.parametrize("variant", [-1, 3, float("nan"), []])
def test_a_variant_that_does_not_exist_is_refused(model, variant):
    with pytest.raises(S2IError, match="variant"):
        model.extract_sketch(picture(), variant)


@pytest.mark.parametrize(
    ("ink", "message"),
    [
        (torch.zeros(1, 3, 32, 32), "shape"),
        (torch.zeros(32, 32), "shape"),
        (torch.zeros(0, 1, 32, 32), "shape"),
        (torch.zeros(1, 1, 8, 32), "16"),
        (torch.full((1, 1, 32, 32), float("nan")), "NaN"),
        (torch.full((1, 1, 32, 32), float("inf")), "NaN"),
        (torch.zeros(1, 1, 32, 32, dtype=torch.uint8), "floating"),
        ("sketch.png", "tensor"),
    ],
)
def test_bad_ink_is_refused_in_one_line(model, ink, message):
    with pytest.raises(S2IError, match=message) as error:
        model.encode_content(ink)
    assert str(error.value).startswith("ink") and "\n" not in str(error.value)


def test_blank_paper_is_a_sketch(model):
    assert torch.isfinite(model(torch.zeros(1, 1, 32, 32), picture())).all()


def test_half_precision_stays_close(model):
    full = model(drawing(), picture())
    half = SketchToImage.from_config(ModelConfig.tiny(), seed=1, dtype=torch.bfloat16)(drawing(), picture())
    assert (full - half.float()).abs().mean() < 0.05


@pytest.mark.parametrize("dtype", [torch.int8, torch.complex64])
def test_a_dtype_that_no_model_paints_in_is_refused_and_changes_nothing(model, dtype):
    with pytest.raises(S2IError, match=r"float32, bfloat16, float16, float64") as error:
        model.to(dtype=dtype)
    assert "\n" not in str(error.value) and model.dtype == torch.float32


def test_the_interpolated_style_paints_what_its_ends_paint(model):
    content = model.encode_content(drawing())
    a, b = model.encode_style(picture(seed=1)), model.encode_style(picture(seed=2))
    strip = model.decode(content, a.lerp(b, torch.linspace(0, 1, 3)))
    torch.testing.assert_close(strip[0:1], model.decode(content, a), atol=1e-5, rtol=0)
    assert isinstance(a, StyleCode) and strip.shape[0] == 3


def test_loading_a_bundle_gives_the_same_pictures(model, tmp_path):
    from s2i.bundle import save_bundle

    components = {name: part.state_dict() for name, part in model.module.named_children()}
    save_bundle(tmp_path / "m.safetensors", components, model.config, {}, dtype=torch.float32)
    again = SketchToImage.from_pretrained(tmp_path / "m.safetensors", dtype=torch.float32)
    assert torch.equal(again(drawing(), picture()), model(drawing(), picture()))


def test_a_large_picture_is_painted_in_bands_without_a_seam(model, monkeypatch):
    """Bands only save memory: the picture is the same to rounding."""
    ink, reference = drawing(h=1400, w=64, seed=2), picture()
    style = model.encode_style(reference)
    draft = model.decode(model.encode_content(ink, 350), style)
    whole = model.refine(draft, ink, style)
    monkeypatch.setattr("s2i.steps.bands._PIXELS", 1)
    torch.testing.assert_close(model.refine(draft, ink, style), whole, atol=2e-5, rtol=0)


def test_a_dab_of_colour_changes_the_draft_and_blank_hints_do_not(model):
    ink, style = drawing(), model.encode_style(picture())
    hints = torch.zeros(1, 4, 48, 64)
    plain = model.decode(model.encode_content(ink), style)
    assert torch.allclose(model.decode(model.encode_content(ink, hints=hints), style), plain, atol=0.2)
    hints[:, :, 10:30, 10:30] = 1
    assert not torch.allclose(model.decode(model.encode_content(ink, hints=hints), style), plain, atol=1e-3)
    with pytest.raises(S2IError, match="hints"):
        model.encode_content(ink, hints=hints[:, :3])


def test_a_code_of_another_model_is_refused(model):
    levels = {"widths": (8, 8, 16), "encoder_depths": (1,) * 3, "decoder_depths": (1,) * 3, "content_levels": 3}
    other = SketchToImage.from_config(dataclasses.replace(ModelConfig.tiny(), **levels), seed=1)
    ink, style = drawing(), model.encode_style(picture())
    with pytest.raises(S2IError, match="another model"):
        model.decode(other.encode_content(ink), style)
    with pytest.raises(S2IError, match="another model"):
        model.refine(picture(), ink, other.encode_style(picture()))


def test_the_refiner_starts_from_the_enlarged_draft():
    """A model whose refiner was never trained paints its draft, larger."""
    fresh = SketchToImage(SketchToImageModel(ModelConfig.tiny()), ModelConfig.tiny())
    ink, style = drawing(h=64, w=64), fresh.encode_style(picture())
    draft = fresh.decode(fresh.encode_content(ink), style)
    image = fresh.refine(draft, ink, style)
    enlarged = torch.nn.functional.interpolate(draft, (64, 64), mode="bicubic", align_corners=False).clamp(-1, 1)
    torch.testing.assert_close(image, enlarged, atol=1e-6, rtol=0)
