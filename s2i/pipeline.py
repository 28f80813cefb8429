"""The engine's one door: sketch and reference in, picture out, and each step on its own."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .config import ModelConfig
from .content import ContentCode
from .errors import S2IError
from .imaging.brushwork import CELLS, LEAST_SIDE, lay_brushwork, measure_brushwork
from .imaging.checks import check_image
from .imaging.ink import resize_ink
from .imaging.lines import lay_lines
from .imaging.padding import crop_to, pad_to_multiple
from .imaging.palette_matching import match_palette
from .imaging.sizes import resize_area, working_shape
from .layers.noise import seeded_noise
from .models.refiner import Refiner
from .models.sketch_to_image import SketchToImageModel
from .style import RegionalStyle, Style, StyleCode


class SketchToImage:
    """A model and the steps it is used in. `image` is (B,3,H,W) in [-1,1], `ink` (B,1,H,W) in [0,1] with 1 = ink.

    Every step takes batches; a batch of one serves any number. A picture's result depends on nothing but itself, its
    reference and its seed: not on the batch, and not on earlier calls.

    refiner_dtype: what the refiner computes in; None, the default, is the pipeline's own dtype, but bfloat16 on
    processors that multiply in it. Only the residual is rounded, never the draft that it is added to: less than a
    step of 8-bit colour on average, for three fifths of the time.
    """

    def __init__(
        self, module: SketchToImageModel, config: ModelConfig, provenance: dict[str, Any] | None = None
    ) -> None:
        self.module = module.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.config = config
        self.provenance = provenance or {}
        self.refiner_dtype: torch.dtype | None = None
        self._refiners: dict[tuple[torch.device, torch.dtype], Refiner] = {}

    @classmethod
    def from_config(
        cls,
        config: ModelConfig,
        seed: int = 0,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> SketchToImage:
        """Random weights: for tests and benchmarks. The caller's random state is left as it was."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            module = SketchToImageModel(config)
        return cls(module, config, {"weights": f"random, seed {seed}"}).to(device, dtype)

    @classmethod
    def from_pretrained(
        cls,
        name_or_path: str | os.PathLike[str] | None = None,
        *,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        revision: str | None = None,
        filename: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> SketchToImage:
        """The bundled model (None), a file, a name in the models folder, or "owner/name" on the Hugging Face Hub.

        Raises `BundleError` for a file that is not a bundle, `HubError` for one that cannot be had.
        """
        from .hub import resolve
        from .weights import load_bundle, load_into

        path = resolve(name_or_path, revision=revision, filename=filename, progress=progress)
        bundle = load_bundle(path)
        with torch.device("meta"):
            module = SketchToImageModel(bundle.config)
        load_into(module, bundle, path)
        return cls(module, bundle.config, bundle.provenance).to(device, dtype)

    @property
    def device(self) -> torch.device:
        return next(self.module.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        return next(self.module.parameters()).dtype

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> SketchToImage:
        self.module.to(device=device, dtype=dtype)
        self._refiners.clear()
        return self

    def _refiner(self) -> Refiner:
        """The refiner in `refiner_dtype`: the module's own, or a copy made once."""
        native = self.device.type == "cpu" and self.dtype == torch.float32 and multiplies_bfloat16()
        dtype = self.refiner_dtype or (torch.bfloat16 if native else self.dtype)
        if dtype == self.dtype:
            return self.module.refiner
        key = (self.device, dtype)
        if key not in self._refiners:
            self._refiners[key] = copy.deepcopy(self.module.refiner).to(dtype)
        return self._refiners[key]

    def _tensor(self, x: Tensor) -> Tensor:
        return x.to(device=self.device, dtype=self.dtype, memory_format=torch.channels_last)

    @torch.inference_mode()
    def extract_sketch(
        self, image: Tensor, variant: float | Sequence[float] = 0, line_weight: float = 1.0
    ) -> Tensor:
        """image (B,3,H,W) -> ink (B,1,H,W) at the same size.

        variant: 0..variants-1, the manner of drawing; 1.5 lies halfway between two. A sequence gives one per
        picture, or that many sketches of a single picture. line_weight: 1 is normal, 2 twice as heavy.
        """
        check_image(image, "image")
        codes = self._variant_codes(variant)
        batch = max(len(image), len(codes))
        if {len(image), len(codes)} - {1, batch}:
            raise S2IError(f"{len(codes)} sketch variants for {len(image)} pictures: give one, or one per picture")
        if not 0 < line_weight <= 16:
            raise S2IError(f"line_weight must be above 0 and at most 16, found {line_weight}")
        image = self._tensor(image).expand(batch, -1, -1, -1)
        weight = torch.full((batch,), float(line_weight), device=self.device, dtype=self.dtype)
        ink = self.module.sketch_extractor(image, codes.to(self.device, self.dtype).expand(batch, -1), weight)
        return ink.clamp(0, 1)

    def _variant_codes(self, variant: float | Sequence[float]) -> Tensor:
        count = self.config.extractor.variants
        values = torch.as_tensor(variant, dtype=torch.float32).reshape(-1)
        if not len(values) or not ((values >= 0) & (values <= count - 1)).all():
            raise S2IError(f"variant must lie in 0..{count - 1}, found {variant}")
        # Neighbouring one-hot codes blended: whole numbers are exact.
        return (1 - (values[:, None] - torch.arange(count)).abs()).clamp_min(0)

    @torch.inference_mode()
    def encode_content(self, ink: Tensor, working_size: int | None = None) -> ContentCode:
        """ink (B,1,H,W) -> ContentCode at a short side of `working_size` pixels (the config's by default).

        The draft is made at the size the model was trained at, so composition and colour do not depend on the
        output's size.
        """
        check_image(ink, "ink", channels=1)
        if working_size is not None and not 16 <= working_size <= 2048:
            raise S2IError(f"working_size must be 16..2048 pixels, found {working_size}")
        h, w = ink.shape[-2:]
        size = working_shape(h, w, working_size or self.config.working_size)
        padded, _ = pad_to_multiple(resize_ink(self._tensor(ink), size), self.config.multiple)
        padded = padded.contiguous(memory_format=torch.channels_last)
        return ContentCode(tuple(self.module.content_encoder(padded)), padded, size, (h, w))

    @torch.inference_mode()
    def encode_style(self, image: Tensor, mask: Tensor | None = None) -> StyleCode:
        """image (B,3,H,W), mask (B,1,H,W) with 1 = use this part (all of it by default) -> StyleCode."""
        check_image(image, "reference")
        image = self._tensor(image)
        mask = image.new_ones(1, 1, 1, 1) if mask is None else self._mask(mask, image)
        brushwork = self._brushwork(image, mask)
        h, w = image.shape[-2:]
        shrink = min(1.0, self.config.style_size / (h * w) ** 0.5)
        size = (max(16, round(h * shrink)), max(16, round(w * shrink)))
        mask = mask.expand(len(image), 1, h, w)
        image, mask = resize_area(image, size), resize_area(mask, size)
        image, _ = pad_to_multiple(image, self.config.style_multiple)
        mask, _ = pad_to_multiple(mask, self.config.style_multiple)
        vectors, tokens, palette = self.module.style_encoder(
            image.contiguous(memory_format=torch.channels_last), mask.contiguous()
        )
        return StyleCode(tuple(vectors), tokens, palette, brushwork)

    def _brushwork(self, image: Tensor, mask: Tensor) -> Tensor:
        """Strokes are as large in the reference as in the picture: a share of the short side, not pixels."""
        side = self.config.refiner.brushwork
        if not side:
            return image.new_zeros(len(image), 0)
        h, w = image.shape[-2:]
        mask = mask.expand(len(image), 1, h, w)
        # Of a small reference the patches are enlarged, not the picture that they are chosen from.
        cut = min(side, max(LEAST_SIDE, round(min(h, w) * 2 / CELLS)))
        size = tuple(max(cut, s) for s in working_shape(h, w, cut * CELLS // 2))
        image, mask = (resize_area(x.float().contiguous(), size) for x in (image, mask))
        patches = resize_area(measure_brushwork(image, mask, cut).flatten(0, 1), (side, side))
        return patches.unflatten(0, (len(image), -1)).half().to(self.dtype)  # half floats: what a style file keeps

    def _mask(self, mask: Tensor, image: Tensor) -> Tensor:
        if mask.ndim != 4 or mask.shape[1] != 1 or len(mask) not in (1, len(image)):
            raise S2IError(
                f"the mask's shape {tuple(mask.shape)} does not fit the reference's {tuple(image.shape)}: "
                "it must be (batch, 1, height, width)"
            )
        mask = mask.to(image.device, image.dtype).clamp(0, 1)
        if mask.shape[-2:] != image.shape[-2:]:
            mask = resize_area(mask, tuple(image.shape[-2:]))
        if not (mask.flatten(1).amax(1) > 0).all():
            raise S2IError("the reference's mask is empty: paint the part of the reference whose style is wanted")
        return mask

    @torch.inference_mode()
    def decode(self, content: ContentCode, style: Style) -> Tensor:
        """-> draft (B,3,h,w) in [-1,1] at the content's working size."""
        if isinstance(style, RegionalStyle):
            return self._blend(style, content.size, lambda code: self.decode(content, code))
        content, style = content.to(self.device, self.dtype), style.to(self.device, self.dtype)
        batch = max(content.batch, style.batch)
        content, style = content.expand(batch), style.expand(batch)
        draft = self.module.decoder(content.levels, content.ink, style.vectors, style.tokens, style.palette)
        draft = crop_to(draft, content.size)
        if self.config.palette:
            # Lines, and the dark beside them, are the drawing's: they say nothing of how the paint is spread.
            paper = 1 - F.max_pool2d(crop_to(content.ink, content.size), 5, 1, 2)
            draft = match_palette(draft, style.palette, paper)
        return draft.clamp(-1, 1)

    @torch.inference_mode()
    def refine(
        self,
        draft: Tensor,
        ink: Tensor,
        style: Style,
        *,
        seed: int = 0,
        size: tuple[int, int] | None = None,
        strength: float = 1.0,
    ) -> Tensor:
        """draft (B,3,h,w), ink (B,1,H,W) -> image (B,3,*size); `size` is the ink's by default.

        Picture i of the batch draws its brushwork from seed + i. strength 0 returns the enlarged draft.
        """
        check_image(draft, "draft")
        check_image(ink, "ink", channels=1)
        if not 0 <= strength <= 4:
            raise S2IError(f"strength must be 0..4, found {strength}")
        size = size or tuple(ink.shape[-2:])
        if isinstance(style, RegionalStyle):
            repaint = lambda code: self.refine(draft, ink, code, seed=seed, size=size, strength=strength)  # noqa: E731
            return self._blend(style, size, repaint)
        batch = _joint_batch(draft=draft, ink=ink, style=style)
        draft, ink = self._tensor(draft), resize_ink(self._tensor(ink), size)
        base = enlarge(draft, size).expand(batch, -1, -1, -1)
        if strength == 0:
            return base
        style = style.to(self.device, self.dtype).expand(batch)
        padded, _ = pad_to_multiple(base, self.config.refiner_multiple, mode="replicate")
        ink, _ = pad_to_multiple(ink.expand(batch, -1, -1, -1), self.config.refiner_multiple)
        cell = self.config.refiner.stem
        noise = seeded_noise((batch, 1, padded.shape[-2] // cell, padded.shape[-1] // cell), seed)
        strokes = self._strokes(padded, style, size, seed)
        residual = self._residual(padded, ink, noise.to(self.device), style, strokes)
        return torch.add(base, detail_of(crop_to(residual, size)), alpha=strength).clamp_(-1, 1)

    def _strokes(self, padded: Tensor, style: StyleCode, size: tuple[int, int], seed: int) -> Tensor:
        """The reference's strokes over the draft, (B,3,H,W) like it; (B,0) where the model has none."""
        if not self.config.refiner.brushwork:
            return style.brushwork
        seeds = [seed + i for i in range(len(padded))]
        strokes = lay_brushwork(style.brushwork.float(), crop_to(padded, size).float(), size, seeds)
        return pad_to_multiple(strokes, self.config.refiner_multiple, mode="replicate")[0]

    def _residual(self, draft: Tensor, ink: Tensor, noise: Tensor, style: StyleCode, strokes: Tensor) -> Tensor:
        """All parts padded and of one batch -> (B,3,H,W) in the pipeline's dtype."""
        refiner = self._refiner()
        dtype = next(refiner.parameters()).dtype
        draft, ink = (x.to(dtype, memory_format=torch.channels_last) for x in (draft, ink))
        strokes = strokes.to(dtype, memory_format=torch.channels_last) if strokes.ndim == 4 else strokes
        noise, vectors = noise.to(dtype), [vector.to(dtype) for vector in style.vectors]
        # Kernels of rounded types round otherwise for another batch, so there each picture goes alone.
        step = len(draft) if dtype == self.dtype else 1
        parts = [slice(i, i + step) for i in range(0, len(draft), step)]
        residual = [
            torch.add(*refiner(draft[k], ink[k], noise[k], [v[k] for v in vectors], style.palette[k], strokes[k]))
            for k in parts
        ]
        return torch.cat(residual).to(self.dtype)

    def _blend(self, style: RegionalStyle, size: tuple[int, int], paint: Callable[[StyleCode], Tensor]) -> Tensor:
        weights = style.to(self.device, self.dtype).weights(size)
        return sum(weight * paint(code) for weight, code in zip(weights, style.codes, strict=True))

    def __call__(
        self,
        ink: Tensor,
        reference: Tensor,
        *,
        mask: Tensor | None = None,
        seed: int = 0,
        size: tuple[int, int] | None = None,
        working_size: int | None = None,
        strength: float = 1.0,
        line_opacity: float = 0.0,
    ) -> Tensor:
        """The whole chain. `line_opacity` lays the artist's own lines back over the result, 0 to 1."""
        style = self.encode_style(reference, mask)
        draft = self.decode(self.encode_content(ink, working_size), style)
        image = self.refine(draft, ink, style, seed=seed, size=size, strength=strength)
        return self.draw_lines(image, ink, line_opacity)

    @torch.inference_mode()
    def draw_lines(self, image: Tensor, ink: Tensor, opacity: float) -> Tensor:
        """The drawing's own lines over the picture, at the picture's size; see `lay_lines`."""
        return lay_lines(image, resize_ink(self._tensor(ink), tuple(image.shape[-2:])), opacity)


@lru_cache(maxsize=1)
def multiplies_bfloat16() -> bool:
    """Whether this processor has bfloat16 products of its own; elsewhere they are emulated, and slow."""
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(supported and supported())


def enlarge(draft: Tensor, size: tuple[int, int]) -> Tensor:
    """The draft at the output's size, (B,3,*size): the refiner's starting point, in training as in use."""
    return resize_area(draft, size)


def _joint_batch(**parts: Tensor | StyleCode) -> int:
    sizes = {name: len(part) for name, part in parts.items()}
    batch = max(sizes.values())
    if any(n not in (1, batch) for n in sizes.values()):
        found = ", ".join(f"{n} in {name}" for name, n in sizes.items())
        raise S2IError(f"batch sizes do not fit together: {found}. Each must be 1 or {batch}")
    return batch


def detail_of(residual: Tensor, cells: int = 2 * CELLS) -> Tensor:
    """A residual (B,C,H,W) without what it says of areas, `cells` of them along the short side: composition and colour
    are the draft's, at every output size alike."""
    size = tuple(residual.shape[-2:])
    areas = F.adaptive_avg_pool2d(residual, tuple(max(1, round(cells * s / min(size))) for s in size))
    return residual - F.interpolate(areas, size, mode="bilinear", align_corners=False)
