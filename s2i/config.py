"""What a model is made of: frozen, validated, and stored as JSON in the header of its bundle."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any

from .errors import S2IError

MODULATIONS = ("affine", "gate")


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
class RefinerConfig:
    """The second stage's U-Net. `depths[i]` residual blocks on the way down at level i; level 0 is at 1/`stem`.

    brushwork: side in pixels of the patches of paint that are taken from a reference; 0 leaves strokes to the network.
    """

    stem: int = 4
    widths: tuple[int, ...] = (48, 96, 128)
    depths: tuple[int, ...] = (1, 1, 1)
    brushwork: int = 96


@dataclass(frozen=True)
class DiscriminatorConfig:
    """The training-time critic; never in a bundle. `inputs`: 4 = picture and ink, 3 = picture only (the authors')."""

    widths: tuple[int, ...] = (48, 96, 160, 224)
    inputs: int = 4


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of every component.

    `widths` run from the finest level (1/`stem` of the working size) to the coarsest, each level half the one before.
    The `content_levels` coarsest ones reach the decoder through dual mask injection. `style_dims` and everything else
    that has three entries is ordered coarse, mid, fine; `style_levels` says which levels of the style encoder
    (finest = 0) they are pooled from. `style_routes[i]` names the style vector (0 coarse, 1 mid, 2 fine) that
    modulates decoder level i, coarsest first.
    """

    name: str = "compact"
    working_size: int = 192  # short side of the draft, in pixels; the size the model was trained for
    style_size: int = 256  # references are shrunk to at most this many pixels squared
    stem: int = 4
    widths: tuple[int, ...] = (64, 128, 192, 224)
    encoder_depths: tuple[int, ...] = (1, 1, 1, 1)
    decoder_depths: tuple[int, ...] = (1, 1, 2, 2)
    content_levels: int = 4
    style_stem: int = 4
    style_widths: tuple[int, ...] = (48, 96, 160, 192)
    style_levels: tuple[int, ...] = (3, 2, 1)
    style_dims: tuple[int, ...] = (192, 128, 96)
    style_routes: tuple[int, ...] = (0, 0, 1, 2)
    tokens: int = 12
    token_dim: int = 192
    attention_levels: int = 2  # the coarsest decoder levels that attend to the style tokens
    modulation: str = "affine"  # "gate" is the paper's channel-wise multiplication
    dmi: bool = True  # False concatenates content instead (an ablation)
    palette: bool = True  # the decoder paints in the reference's own colour space
    surroundings: bool = True  # the content encoder is told each place's height and enclosure
    regions: bool = True  # and the middle and the extent of the region that it lies in
    extractor: ExtractorConfig = field(default_factory=ExtractorConfig)
    sketch_generator: SketchGeneratorConfig = field(default_factory=SketchGeneratorConfig)
    refiner: RefinerConfig = field(default_factory=RefinerConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)

    def __post_init__(self) -> None:
        levels = len(self.widths)
        for name in ("encoder_depths", "decoder_depths", "style_routes"):
            _require(len(getattr(self, name)) == levels, f"{name} needs {levels} entries, one per width")
        for name in ("style_levels", "style_dims"):
            _require(len(getattr(self, name)) == 3, f"{name} needs 3 entries: coarse, mid, fine")
        _require(1 <= self.content_levels <= levels, f"content_levels must be 1..{levels}")
        _require(0 <= self.attention_levels <= levels, f"attention_levels must be 0..{levels}")
        _require(max(self.style_levels) < len(self.style_widths), "style_levels names a level that does not exist")
        _require(set(self.style_routes) <= {0, 1, 2}, "style_routes entries are 0 (coarse), 1 (mid), 2 (fine)")
        _require(self.modulation in MODULATIONS, f"modulation must be one of {', '.join(MODULATIONS)}")
        _require(self.attention_levels == 0 or self.tokens > 0, "attention needs style tokens")
        for name, stem in (("stem", self.stem), ("style_stem", self.style_stem), ("refiner.stem", self.refiner.stem)):
            _require(stem >= 1 and stem & (stem - 1) == 0, f"{name} must be a power of two")
        _require(len(self.refiner.widths) == len(self.refiner.depths), "refiner needs one depth per width")

    @property
    def multiple(self) -> int:
        """The draft's sides are padded to a multiple of this (the coarsest cell, in pixels)."""
        return self.stem * 2 ** (len(self.widths) - 1)

    @property
    def style_multiple(self) -> int:
        return self.style_stem * 2 ** (len(self.style_widths) - 1)

    @property
    def refiner_multiple(self) -> int:
        return self.refiner.stem * 2 ** (len(self.refiner.widths) - 1)

    @classmethod
    def compact(cls) -> ModelConfig:
        """What ships: under 24 MB in fp16, everything at a quarter of the resolution and below."""
        return cls()

    @classmethod
    def paper(cls) -> ModelConfig:
        """The paper's sizes (Liu et al., AAAI 2021): 512² draft, 1024² output, style vectors of 128/256/512, gating."""
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
            style_levels=(5, 4, 3),
            style_dims=(512, 256, 128),
            style_routes=(0, 0, 0, 0, 1, 2),
            tokens=0,
            token_dim=0,
            attention_levels=0,
            modulation="gate",
            palette=False,
            surroundings=False,
            regions=False,
            sketch_generator=SketchGeneratorConfig(width=128),
            refiner=RefinerConfig(stem=2, widths=(32, 64, 128, 256, 256), depths=(1, 1, 1, 1, 1), brushwork=0),
            discriminator=DiscriminatorConfig(widths=(64, 128, 256, 512, 512), inputs=3),
        )

    @classmethod
    def tiny(cls) -> ModelConfig:
        """For tests: every part of `compact`, thousands of parameters."""
        return cls(
            name="tiny",
            working_size=32,
            style_size=32,
            widths=(8, 8, 16, 16),
            decoder_depths=(1, 1, 1, 1),
            style_widths=(8, 8, 16, 16),
            style_dims=(8, 8, 8),
            tokens=2,
            token_dim=8,
            extractor=ExtractorConfig(width=8, depth=1, variants=3),
            sketch_generator=SketchGeneratorConfig(width=8),
            refiner=RefinerConfig(widths=(8, 16), depths=(1, 1), brushwork=8),
            discriminator=DiscriminatorConfig(widths=(8, 16)),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; `from_dict` gives the same config back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelConfig:
        """Raises `S2IError` where a key is missing or unknown: a config is read whole or not at all."""
        return _build(cls, values, "model config")


_PARTS = {
    "extractor": ExtractorConfig,
    "sketch_generator": SketchGeneratorConfig,
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
        if part is not None and is_dataclass(part):
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
