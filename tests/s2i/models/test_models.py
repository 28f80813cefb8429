"""The networks, against the defects of the authors' code that a test can see."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from s2i.config import ModelConfig
from s2i.imaging.palettes.reference_palette import colour_moments
from s2i.imaging.regions.region_facts import region_facts
from s2i.layers.dmi import DualMaskInjection
from s2i.layers.modulation import StyleModulation
from s2i.layers.norm import ChannelRMSNorm
from s2i.layers.residual import ResidualBlock
from s2i.models.content_encoder import ContentEncoder
from s2i.models.decoder import Decoder, noise_shapes, soft_colour, without_weave
from s2i.models.perceptual_trunk import STRIDES_SEEN, PerceptualTrunk
from s2i.models.refiner import Refiner, only_detail
from s2i.models.sketch_to_image import SketchToImageModel
from s2i.models.style_encoder import StyleEncoder


@pytest.fixture
def config() -> ModelConfig:
    torch.manual_seed(0)
    return ModelConfig.tiny()


def test_content_pyramid_halves_at_each_level(config):
    levels = ContentEncoder(config)(torch.rand(2, 1, 64, 96), torch.rand(2, 8, 16, 24))
    assert [tuple(f.shape) for f in levels] == [(2, 8, 16, 24), (2, 8, 8, 12), (2, 16, 4, 6), (2, 16, 2, 3)]


def test_a_shuffle_of_pixels_paints_no_weave_over_flat_areas_and_keeps_edges_and_grain():
    flat = torch.full((1, 12, 24, 24), 0.3)
    for places in ((1.0, -1.0, -1.0, 1.0), (1.0, -1.0, 1.0, -1.0), (1.0, 1.0, -1.0, -1.0), (3.0, 0.0, -1.0, -2.0)):
        twill = torch.tensor(places).repeat(3).view(1, 12, 1, 1).expand(1, 12, 24, 24)
        torch.testing.assert_close(without_weave(flat + twill), flat)
    stripes = torch.tensor([1.0, -1.0, 1.0, -1.0]).repeat(3).view(1, 12, 1, 1) * (torch.arange(24) == 9).view(24, 1)
    assert without_weave(stripes).abs().max() < 1e-6, "one row of blocks that change along it is a weave, too"
    torch.manual_seed(0)
    grain = torch.randn(1, 12, 24, 24)
    assert (without_weave(grain) - grain).std() < 0.4
    edge = torch.pixel_unshuffle((torch.arange(48) > 24).float().expand(1, 3, 48, 48), 2)
    assert (without_weave(edge) - edge).abs().max() < 0.15
    torch.testing.assert_close(without_weave(edge + twill), without_weave(edge))


def test_colour_has_half_the_resolution_of_light():
    torch.manual_seed(0)
    image = torch.randn(1, 3, 32, 32)
    soft, weights = soft_colour(image), torch.tensor([0.2125, 0.7154, 0.0721]).view(1, 3, 1, 1)
    torch.testing.assert_close((soft * weights).sum(1), (image * weights).sum(1))
    hue, soft_hue = (x[:, 0] - x[:, 2] for x in (image, soft))
    assert (soft_hue[..., 1:] - soft_hue[..., :-1]).std() < 0.2 * (hue[..., 1:] - hue[..., :-1]).std()
    grey = torch.randn(1, 1, 32, 32).expand(-1, 3, -1, -1)
    torch.testing.assert_close(soft_colour(grey), grey)


def trunk_of(config: ModelConfig, image: torch.Tensor) -> list[torch.Tensor]:
    torch.manual_seed(1)
    return PerceptualTrunk(config.trunk)(image)


def test_the_style_vector_does_not_know_the_pictures_size(config):
    encoder = StyleEncoder(config)
    for h, w in ((32, 32), (64, 32), (96, 64)):
        image = torch.rand(2, 3, h, w)
        vector, tokens, weights = encoder(image, torch.ones(2, 1, h, w), trunk_of(config, image))
        cells = h * w // 32**2 + h * w // 16**2
        assert vector.shape == (2, 8) and tokens.shape == (2, cells, 8) and weights.shape == (2, cells)


def test_a_mask_of_ones_is_no_mask(config):
    encoder, image = StyleEncoder(config), torch.rand(1, 3, 64, 96)
    seen = trunk_of(config, image)
    with_mask, without = encoder(image, torch.ones(1, 1, 64, 96), seen), encoder(image, None, seen)
    torch.testing.assert_close(with_mask[0], without[0])
    assert with_mask[2].unique().tolist() == [1.0] and without[2] is None


def test_trunk_has_the_published_strides_and_widths():
    config = ModelConfig.art().trunk
    with torch.device("meta"):
        maps = PerceptualTrunk(config)(torch.empty(1, 3, 64, 96))
    expected = [(c, 64 // s, 96 // s) for c, s in zip(PerceptualTrunk.channels(config), STRIDES_SEEN, strict=True)]
    assert [tuple(m.shape[1:]) for m in maps] == expected


def test_dmi_mask_is_bounded_whatever_the_content(config):
    dmi = DualMaskInjection(8, 8)
    mask = dmi.mask(torch.randn(1, 8, 4, 5) * 1e4)
    assert mask.min() >= 0 and mask.max() <= 1
    content = torch.randn(1, 8, 4, 5) * 1e4
    assert (dmi(torch.ones(1, 8, 4, 5), content) - dmi.to_sum(content)).abs().max() < 2


def test_dmi_equals_its_formula():
    dmi, f, c = DualMaskInjection(4, 6), torch.randn(2, 4, 3, 5), torch.randn(2, 6, 3, 5)
    m = dmi.mask(c)
    formula = (dmi.scale_a * f + dmi.shift_a) * m + (dmi.scale_b * f + dmi.shift_b) * (1 - m) + dmi.to_sum(c)
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


@pytest.mark.parametrize("preset", ["art", "paper"])
def test_no_batch_norm_and_no_spectral_norm_anywhere(preset):
    config = getattr(ModelConfig, preset)()
    with torch.device("meta"):
        layers = _named_layers(SketchToImageModel(config))
    assert not [name for name in layers if "BatchNorm" in name or "InstanceNorm" in name or "SpectralNorm" in name]


class Drafting(nn.Module):
    """The chain that paints a draft, with a trunk of its own."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder, self.style, self.decoder = ContentEncoder(config), StyleEncoder(config), Decoder(config)
        self.trunk = PerceptualTrunk(config.trunk)

    def forward(self, ink: torch.Tensor, reference: torch.Tensor, palette=None, hints=None, noise=None) -> torch.Tensor:
        content = self.encoder(ink, region_facts(ink, 4), hints)
        vector, tokens, weights = self.style(reference, torch.ones_like(reference[:, :1]), self.trunk(reference))
        vectors = vector[:, None].expand(-1, self.config.decoder_levels, -1)
        return self.decoder(content, ink, vectors, tokens, weights, palette or colour_moments(reference), noise)


def test_a_pictures_draft_does_not_depend_on_its_batch_mates(config):
    drafting, ink, reference = Drafting(config), torch.rand(3, 1, 32, 64), torch.rand(3, 3, 32, 32)
    together, alone = drafting(ink, reference)[1:2], drafting(ink[1:2], reference[1:2])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


def test_the_drafts_palette_is_the_references(config):
    """Painting in the reference's colour space: colours shifted in the reference shift alike in the draft."""
    drafting, ink, reference = Drafting(config), torch.rand(1, 1, 32, 32), torch.rand(1, 3, 32, 32) * 0.2
    mean, root = colour_moments(reference)
    first, second = (drafting(ink, reference, (m, root)) for m in (mean, mean + 0.25))
    torch.testing.assert_close(second - first, torch.full_like(first, 0.25), atol=1e-5, rtol=0)


@pytest.mark.parametrize(("h", "w"), [(16, 16), (33, 50)])
def test_a_refiner_step_doubles_and_leaves_areas_alone(config, h, w):
    refiner = Refiner(config.refiner)
    nn.init.normal_(refiner.out.weight, std=0.1)
    draft, ink, style = torch.rand(2, 3, h, w), torch.rand(2, 1, 2 * h, 2 * w), torch.rand(2, 8)
    noise = lambda: torch.randn(2, 2, -(-2 * h // 4), -(-2 * w // 4))  # noqa: E731
    one, two = refiner(draft, ink, style, noise()), refiner(draft, ink, style, noise())
    assert one.shape == (2, 3, 2 * h, 2 * w) and not torch.equal(one, two)
    enlarged = nn.functional.interpolate(draft, (2 * h, 2 * w), mode="bicubic")
    area = config.refiner.area
    detail = nn.functional.avg_pool2d(one - enlarged, area)
    assert detail.abs().mean() < 0.2 * (one - enlarged).abs().mean()


def test_a_refiner_step_cannot_weave_its_cells_into_a_picture():
    """A pattern that repeats in every cell goes; what happens once stays, but for its share of the mean."""
    weave = torch.rand(1, 3, 4, 4).repeat(1, 1, 16, 16)
    assert only_detail(weave, 16).abs().max() < 1e-5
    dab = torch.zeros(1, 3, 64, 64)
    dab[..., 30:34, 30:34] = 1
    assert only_detail(dab, 16)[..., 30:34, 30:34].min() > 0.5


def test_what_ships_fits_its_budget():
    with torch.device("meta"):
        model = SketchToImageModel(ModelConfig.art())
    parameters = sum(p.numel() for p in model.parameters())
    assert 2 * parameters <= 45e6, f"{2 * parameters / 1e6:.1f} MB in fp16"
    assert sum(p.numel() for p in model.sketch_extractor.parameters()) <= 1e6


def test_paper_configuration_has_the_papers_sizes():
    config = ModelConfig.paper()
    assert config.style_dim == 512 and config.working_size == 512
    with torch.device("meta"):
        levels = ContentEncoder(config)(torch.empty(1, 1, 512, 512), None)
        draft = Decoder(config)(levels, torch.empty(1, 1, 512, 512), torch.empty(1, config.decoder_levels, 512))
    assert [tuple(f.shape[1:]) for f in levels[-3:]] == [(128, 32, 32), (256, 16, 16), (512, 8, 8)]
    assert draft.shape == (1, 3, 512, 512)


def test_every_parameter_of_the_drafting_chain_gets_a_gradient(config):
    """No dead branch, no orphaned layer, once what starts at zero has left it."""
    drafting = Drafting(config)
    for weights in drafting.parameters():
        if not weights.any():
            nn.init.normal_(weights, std=0.05)
    noise = [torch.randn(2, 1, *size) for size in noise_shapes(config, (64, 64))]
    drafting(torch.rand(2, 1, 64, 64), torch.rand(2, 3, 64, 64), hints=torch.rand(2, 4, 16, 16), noise=noise
             ).square().mean().backward()
    silent = [n for n, p in drafting.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    # A softmax over keys does not see a constant added to all of them.
    assert [n for n in silent if not n.endswith("to_key.bias")] == []
