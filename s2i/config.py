"""What a model is made of: frozen, validated, and stored as JSON in the header of its bundle."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any

from .errors import S2IError

MODULATIONS = ("affine", "gate")
ATTENTION_HEADS = 4  # of every level that attends to the style tokens


@dataclass(frozen=True)
class ExtractorConfig:
    """The small learned sketch extractor: pixels in, ink out."""

    width: int = 32
    depth: int = 3
    variants: int = 16


@dataclass(frozen=True)
class SketchGeneratorConfig:
    """TOM's generator: frozen VGG features in, ink out. Trained, distilled, and not part of a bundle."""

    width: int = 64


@dataclass(frozen=True)
class TrunkConfig:
    """The frozen perceptual trunk: EfficientNet-Lite0's stem width, and each stage's width and number of blocks."""

    stem: int = 32
    channels: tuple[int, ...] = (16, 24, 40, 80, 112, 192, 320)
    repeats: tuple[int, ...] = (1, 2, 2, 3, 3, 4, 1)
    expansion: int = 6


@dataclass(frozen=True)
class RefinerConfig:
    """One x2 step. `widths`: channels at 1/4 and 1/8 of the output; `depths`: blocks before, at and after the coarser.

    head: channels at half of the output's size. noise: maps of it. area: pixels over which the residual's mean is
    taken out, so that composition and colour stay the draft's. style_dim: the style vector's.
    """

    widths: tuple[int, ...] = (48, 96)
    depths: tuple[int, ...] = (2, 3, 2)
    head: int = 16
    noise: int = 2
    area: int = 16
    style_dim: int = 256


@dataclass(frozen=True)
class DiscriminatorConfig:
    """The paper's critic, for its own configuration; never in a bundle. `inputs`: 3 = picture, 4 = picture and ink."""

    widths: tuple[int, ...] = (48, 96, 160, 224)
    inputs: int = 3


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of every component.

    `widths` run from the finest level (1/`stem` of the working size) to the coarsest, each level half the one before.
    A stem of 4 has one more decoder level at half of the working size, `detail_width` wide.
    """

    name: str = "art"
    working_size: int = 256  # short side of the draft, in pixels
    style_size: int = 256  # references are shrunk to at most this many pixels squared
    stem: int = 4
    widths: tuple[int, ...] = (64, 128, 192, 256)
    encoder_depths: tuple[int, ...] = (1, 1, 1, 2)
    decoder_depths: tuple[int, ...] = (1, 1, 2, 2)
    content_levels: int = 4  # the coarsest decoder levels that content is injected into
    detail_width: int = 48
    style_stem: int = 4
    style_widths: tuple[int, ...] = (48, 96, 192, 256)
    style_dim: int = 256
    token_dim: int = 256
    attention_levels: int = 3  # the coarsest decoder levels that attend to the style tokens
    modulation: str = "affine"  # "gate" is the paper's channel-wise multiplication
    dmi: bool = True  # False concatenates content instead (an ablation)
    palette: bool = True  # the decoder paints in the reference's own colour space
    region_facts: bool = True  # the content encoder is told what a drawing says across its whole sheet
    hints: bool = True  # and dabs of colour
    noise: bool = True
    detail_depth: int = 1  # an experiment: blocks at half of the working size
    content_trunk: bool = False  # an experiment: the content encoder has a trunk of its own, which learns
    extractor: ExtractorConfig = field(default_factory=ExtractorConfig)
    sketch_generator: SketchGeneratorConfig = field(default_factory=SketchGeneratorConfig)
    trunk: TrunkConfig | None = field(default_factory=TrunkConfig)  # None: learned features alone
    refiner: RefinerConfig = field(default_factory=RefinerConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)

    def __post_init__(self) -> None:
        levels = len(self.widths)
        for name in ("encoder_depths", "decoder_depths"):
            _require(len(getattr(self, name)) == levels, f"{name} needs {levels} entries, one per width")
        _require(1 <= self.content_levels <= levels, f"content_levels must be 1..{levels}")
        _require(0 <= self.attention_levels <= levels, f"attention_levels must be 0..{levels}")
        attending = self.widths[levels - self.attention_levels :]
        _require(
            all(width % ATTENTION_HEADS == 0 for width in attending),
            f"the {len(attending)} coarsest widths attend to the style and must be multiples of {ATTENTION_HEADS}, "
            f"found {', '.join(map(str, attending))}",
        )
        _require(len(self.style_widths) >= 3, "style_widths needs at least 3 entries")
        _require(self.modulation in MODULATIONS, f"modulation must be one of {', '.join(MODULATIONS)}")
        _require(self.stem in (2, 4), "stem must be 2 or 4")
        _require(self.style_stem in (2, 4), "style_stem must be 2 or 4")
        _require(len(self.refiner.widths) == 2, "refiner.widths needs 2 entries")
        _require(len(self.refiner.depths) == 3, "refiner.depths needs 3 entries: before, context, after")
        _require(self.refiner.style_dim == self.style_dim, "refiner.style_dim must be style_dim")
        if self.trunk is not None:
            _require(len(self.trunk.channels) == len(self.trunk.repeats) == 7, "trunk needs 7 stages")

    @property
    def multiple(self) -> int:
        """The draft's sides are padded to a multiple of this (the coarsest cell, in pixels)."""
        return self.stem * 2 ** (len(self.widths) - 1)

    @property
    def style_multiple(self) -> int:
        """A reference's sides are a multiple of this: the coarsest cell of its encoder and of the trunk, in pixels."""
        own = self.style_stem * 2 ** (len(self.style_widths) - 1)
        return own if self.trunk is None else max(own, 32)

    @property
    def decoder_levels(self) -> int:
        """How many levels a style vector speaks to."""
        return len(self.widths) + (self.stem == 4)

    @classmethod
    def art(cls) -> ModelConfig:
        """What ships."""
        return cls()

    @classmethod
    def paper(cls) -> ModelConfig:
        """The paper's sizes (Liu et al., AAAI 2021): 512² draft, 1024² output, six levels, gating, no attention."""
        return cls(
            name="paper",
            working_size=512,
            style_size=512,
            stem=2,
            widths=(16, 32, 64, 128, 256, 512),
            encoder_depths=(1, 1, 1, 1, 1, 1),
            decoder_depths=(1, 1, 1, 1, 1, 2),
            content_levels=3,
            style_stem=2,
            style_widths=(16, 32, 64, 128, 256, 512),
            style_dim=512,
            token_dim=0,
            attention_levels=0,
            modulation="gate",
            palette=False,
            region_facts=False,
            hints=False,
            noise=False,
            sketch_generator=SketchGeneratorConfig(width=128),
            trunk=None,
            refiner=RefinerConfig(widths=(128, 256), depths=(2, 4, 2), head=32, style_dim=512),
            discriminator=DiscriminatorConfig(widths=(64, 128, 256, 512, 512)),
        )

    @classmethod
    def tiny(cls) -> ModelConfig:
        """For tests: every part of `art`, thousands of parameters."""
        return cls(
            name="tiny",
            working_size=32,
            style_size=32,
            widths=(8, 8, 16, 16),
            encoder_depths=(1, 1, 1, 1),
            decoder_depths=(1, 1, 1, 1),
            detail_width=8,
            style_widths=(8, 8, 16, 16),
            style_dim=8,
            token_dim=8,
            extractor=ExtractorConfig(width=8, depth=1, variants=3),
            sketch_generator=SketchGeneratorConfig(width=8),
            trunk=TrunkConfig(stem=4, channels=(4, 4, 4, 8, 8, 8, 8), repeats=(1,) * 7, expansion=2),
            refiner=RefinerConfig(widths=(8, 16), depths=(1, 1, 1), head=4, style_dim=8),
            discriminator=DiscriminatorConfig(widths=(8, 16)),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; `from_dict` gives the same config back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelConfig:
        """Raises `S2IError` where a key is missing or unknown: a config is read whole or not at all."""
        return _build(cls, {"content_trunk": False, "detail_depth": 1, **values}, "model config")


_PARTS = {
    "extractor": ExtractorConfig,
    "sketch_generator": SketchGeneratorConfig,
    "trunk": TrunkConfig,
    "refiner": RefinerConfig,
    "discriminator": DiscriminatorConfig,
}


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise S2IError(f"bad model config: {message}")


def _build(cls: type, values: Any, where: str) -> Any:
    if not isinstance(values, dict):
        raise S2IError(f"bad {where}: expected a table of settings, found {type(values).__name__}")
    known = {f.name: f for f in fields(cls)}
    missing, unknown = sorted(known.keys() - values.keys()), sorted(values.keys() - known.keys())
    if missing or unknown:
        parts = [f"missing {', '.join(missing)}"] * bool(missing) + [f"unknown {', '.join(unknown)}"] * bool(unknown)
        raise S2IError(f"bad {where}: {'; '.join(parts)}. It was written by another version of s2i")
    built = {}
    for name, value in values.items():
        part = _PARTS.get(name)
        if name == "trunk" and value is None:
            built[name] = None
        elif part is not None and is_dataclass(part):
            built[name] = _build(part, value, f"{where}.{name}")
        else:
            built[name] = _typed(known[name].type, value, f"{where}.{name}")
    return cls(**built)


def _typed(annotation: Any, value: Any, where: str) -> Any:
    """JSON has lists for tuples; anything else must already be of the declared type."""
    expected = str(annotation)
    if expected.startswith("tuple"):
        if isinstance(value, (list, tuple)) and all(type(v) is int and v >= 0 for v in value):
            return tuple(value)
    elif type(value).__name__ == expected and not (expected == "int" and value < 0):
        return value
    raise S2IError(f"bad {where}: expected {expected}, found {value!r}")
