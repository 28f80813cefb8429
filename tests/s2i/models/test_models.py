"""The networks, against the defects of the authors' code that a test can see."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from s2i.config import ModelConfig
from s2i.imaging.palette import PALETTE_SIZE
from s2i.layers.dmi import DualMaskInjection
from s2i.layers.modulation import StyleModulation
from s2i.layers.norm import ChannelRMSNorm
from s2i.layers.residual import ResidualBlock
from s2i.models.content_encoder import ContentEncoder
from s2i.models.decoder import Decoder
from s2i.models.discriminator import Discriminator
from s2i.models.refiner import Refiner
from s2i.models.sketch_to_image import SketchToImageModel
from s2i.models.style_encoder import StyleEncoder


@pytest.fixture
def config() -> ModelConfig:
    torch.manual_seed(0)
    return ModelConfig.tiny()


def test_content_pyramid_halves_at_each_level(config):
    levels = ContentEncoder(config)(torch.rand(2, 1, 64, 96))
    assert [tuple(f.shape) for f in levels] == [(2, 8, 16, 24), (2, 8, 8, 12), (2, 16, 4, 6), (2, 16, 2, 3)]


def test_style_vectors_do_not_know_the_pictures_size(config):
    encoder = StyleEncoder(config)
    for h, w in ((32, 32), (64, 32), (96, 64)):
        vectors, tokens, palette = encoder(torch.rand(2, 3, h, w), torch.ones(2, 1, h, w))
        assert [tuple(v.shape) for v in vectors] == [(2, 8)] * 3
        assert tokens.shape == (2, 2, 8) and palette.shape == (2, PALETTE_SIZE)


def test_what_the_mask_leaves_out_enters_no_style_statistic(config):
    encoder = StyleEncoder(config).eval()
    image, mask = torch.rand(1, 3, 64, 64) * 2 - 1, torch.zeros(1, 1, 64, 64)
    mask[..., :32, :] = 1
    other = image.clone()
    other[..., 32:, :] = torch.rand(3, 32, 64) * 2 - 1
    (v1, t1, p1), (v2, t2, p2) = encoder(image, mask), encoder(other, mask)
    for a, b in zip([*v1, t1, p1], [*v2, t2, p2], strict=True):
        assert torch.equal(a, b)


def test_dmi_mask_is_bounded_whatever_the_content(config):
    dmi = DualMaskInjection(8, 8)
    mask = dmi.mask(torch.randn(1, 8, 4, 5) * 1e4)
    assert mask.min() >= 0 and mask.max() <= 1
    assert dmi(torch.ones(1, 8, 4, 5), torch.randn(1, 8, 4, 5) * 1e4).abs().max() < 2


def test_dmi_equals_its_formula():
    dmi, f, c = DualMaskInjection(4, 6), torch.randn(2, 4, 3, 5), torch.randn(2, 6, 3, 5)
    m = dmi.mask(c)
    formula = (dmi.scale_a * f + dmi.shift_a) * m + (dmi.scale_b * f + dmi.shift_b) * (1 - m)
    torch.testing.assert_close(dmi(f, c), formula)


def test_residual_branches_are_alive_at_init():
    """Spectral norm on batch norm left the authors' branches at 1.5 % of the trunk."""
    torch.manual_seed(0)
    x = torch.randn(2, 64, 16, 16)
    branch = ResidualBlock(64)(x) - x
    assert branch.std() > 0.1 * x.std()


def test_rms_norm_is_a_statistic_of_one_pixel():
    norm, x = ChannelRMSNorm(8), torch.randn(2, 8, 4, 4)
    padded = torch.nn.functional.pad(x, (0, 3, 0, 3))
    torch.testing.assert_close(norm(padded)[..., :4, :4], norm(x))
    torch.testing.assert_close(norm(x).square().mean(1), torch.ones(2, 4, 4), atol=2e-2, rtol=0)


@pytest.mark.parametrize("kind", ["affine", "gate"])
def test_modulation_follows_the_style(kind):
    modulation, x = StyleModulation(8, 4, kind), torch.randn(2, 8, 3, 3)
    assert not torch.allclose(modulation(x, torch.zeros(2, 4)), modulation(x, torch.ones(2, 4)))


def _named_layers(module: nn.Module) -> list[str]:
    return [type(m).__name__ for m in module.modules()]


@pytest.mark.parametrize("preset", ["compact", "paper"])
def test_no_batch_norm_and_no_spectral_norm_anywhere(preset):
    config = getattr(ModelConfig, preset)()
    with torch.device("meta"):
        layers = _named_layers(SketchToImageModel(config)) + _named_layers(Discriminator(config.discriminator))
    assert not [name for name in layers if "BatchNorm" in name or "InstanceNorm" in name or "SpectralNorm" in name]


def test_a_pictures_draft_does_not_depend_on_its_batch_mates(config):
    encoder, style, decoder = ContentEncoder(config), StyleEncoder(config), Decoder(config)
    ink, reference = torch.rand(3, 1, 32, 64), torch.rand(3, 3, 32, 32)

    def draft(k):
        return decoder(encoder(ink[k]), ink[k], *style(reference[k], torch.ones(len(reference[k]), 1, 32, 32)))

    torch.testing.assert_close(draft(slice(0, 3))[1:2], draft(slice(1, 2)), atol=1e-5, rtol=1e-4)


def test_blank_paper_has_no_frame(config):
    """Only height may tell one place of an empty sheet from another: not how near its edge is."""
    encoder, style, decoder = ContentEncoder(config), StyleEncoder(config), Decoder(config)
    ink, reference = torch.zeros(1, 1, 64, 96), torch.rand(1, 3, 32, 32)
    draft = decoder(encoder(ink), ink, *style(reference, torch.ones(1, 1, 32, 32)))
    torch.testing.assert_close(draft, draft[..., :1].expand_as(draft), atol=1e-5, rtol=1e-4)
    assert draft.std(2).min() > 1e-4, "height is seen"


def test_the_drafts_palette_is_the_references(config):
    """Painting in the reference's colour space: colours shifted in the reference shift alike in the draft."""
    style, decoder, encoder = StyleEncoder(config), Decoder(config), ContentEncoder(config)
    ink, reference = torch.rand(1, 1, 32, 32), torch.rand(1, 3, 32, 32) * 0.2
    vectors, tokens, palette = style(reference, torch.ones(1, 1, 32, 32))
    content = encoder(ink)
    shifted = palette.clone()
    shifted[:, :3] += 0.25
    first, second = (decoder(content, ink, vectors, tokens, p) for p in (palette, shifted))
    torch.testing.assert_close(second - first, torch.full_like(first, 0.25), atol=1e-5, rtol=0)


def test_refiner_residual_has_the_inks_size_and_answers_to_noise_and_strokes(config):
    refiner = Refiner(config)
    draft, ink, palette = torch.rand(2, 3, 32, 48), torch.rand(2, 1, 32, 48), torch.rand(2, PALETTE_SIZE)
    vectors, strokes = [torch.rand(2, 8) for _ in range(3)], torch.randn(2, 3, 32, 48)
    one, two = (refiner(draft, ink, torch.randn(2, 1, 8, 12), vectors, palette, strokes)[0] for _ in range(2))
    assert one.shape == draft.shape and not torch.equal(one, two)
    noise = torch.randn(2, 1, 8, 12)
    ink[..., :24] = 0
    ink[..., 24:] = 1
    share = refiner(draft, ink, noise, vectors, palette, strokes)[1] / strokes
    assert (share[..., :24] > 0.5).all() and (share < 1).all(), "each shows, none is made stronger"
    assert not share[..., 24:].any(), "and none covers a drawn line"
    refiner.silence()
    assert not any(x.any() for x in refiner(draft, ink, noise, vectors, palette, strokes))


def test_discriminator_sees_the_ink(config):
    critic = Discriminator(config.discriminator)
    image, ink = torch.rand(1, 3, 64, 64), torch.rand(1, 1, 64, 64)
    with_ink, without = critic(torch.cat([image, ink], 1)), critic(torch.cat([image, ink * 0], 1))
    assert not torch.allclose(with_ink, without)


def test_compact_fits_its_budget():
    with torch.device("meta"):
        model = SketchToImageModel(ModelConfig.compact())
    parameters = sum(p.numel() for p in model.parameters())
    assert 2 * parameters <= 24e6, f"{2 * parameters / 1e6:.1f} MB in fp16"
    assert sum(p.numel() for p in model.sketch_extractor.parameters()) <= 1e6


def test_paper_configuration_has_the_papers_sizes():
    config = ModelConfig.paper()
    assert config.style_dims == (512, 256, 128) and config.working_size == 512
    with torch.device("meta"):
        levels = ContentEncoder(config)(torch.empty(1, 1, 512, 512))
    assert [tuple(f.shape[1:]) for f in levels] == [(128, 32, 32), (256, 16, 16), (512, 8, 8)]


def test_every_parameter_of_the_drafting_chain_gets_a_gradient(config):
    """No dead branch, no orphaned layer."""
    encoder, style, decoder = ContentEncoder(config), StyleEncoder(config), Decoder(config)
    ink, reference = torch.rand(2, 1, 64, 64), torch.rand(2, 3, 64, 64)
    decoder(encoder(ink), ink, *style(reference, torch.ones(2, 1, 64, 64))).square().mean().backward()
    for part in (encoder, style, decoder):
        silent = [n for n, p in part.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
        # A softmax over keys does not see a constant added to all of them.
        assert [n for n in silent if not n.endswith(("to_key.bias",))] == []


def test_no_grid_in_flat_areas():
    """Sub-pixel heads leave a grid with the period of their block: the head must not, on blank paper."""
    from s2i.layers.head import PixelHead

    torch.manual_seed(0)
    head = PixelHead(16, 1, stem=4)
    out = head(torch.randn(1, 16, 1, 1).expand(1, 16, 32, 32), torch.zeros(1, 1, 128, 128))[0, :, 32:96, 32:96]
    spectrum = torch.fft.rfft2(out - out.mean((1, 2), keepdim=True)).abs().amax(0)
    peaks = [spectrum[32, 0], spectrum[0, 32], spectrum[16, 0], spectrum[0, 16]]  # periods 2 and 4
    assert max(peaks) < 1e-3 * 64 * 64 * max(out.abs().mean().item(), 1e-3)
