"""The engine's one door: sketch and reference in, picture out, and each step on its own.

Here stand what a caller may give, and batches; what a step does is in the file of its name in `steps/`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from .codes.content import ContentCode
from .codes.fit import check_content, check_style, joint_batch
from .codes.regional_style import RegionalStyle, Style
from .codes.style import StyleCode
from .config import ModelConfig
from .errors import S2IError
from .imaging.hints.hints import check_hints
from .imaging.ink.ink import resize_ink
from .imaging.ink.lines import lay_lines
from .imaging.pixels.checks import check_image
from .imaging.pixels.sizes import working_shape
from .machine.compute_dtype import check_dtype, fastest_dtype
from .model_files.skip_init import skip_init
from .models.sketch_to_image import SketchToImageModel
from .steps.decode import decode
from .steps.encode_content import encode_content
from .steps.encode_style import check_mask, encode_style
from .steps.extract_sketch import extract_sketch
from .steps.placed import placed
from .steps.refine import refine


class SketchToImage:
    """A model and the steps it is used in. `image` is (B,3,H,W) in [-1,1], `ink` (B,1,H,W) in [0,1] with 1 = ink.

    Every step takes batches; a batch of one serves any number. A picture's result depends on nothing but itself, its
    reference and its seed: not on the batch, and not on earlier calls.
    """

    def __init__(
        self, module: SketchToImageModel, config: ModelConfig, provenance: dict[str, Any] | None = None
    ) -> None:
        self.module = module.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.config = config
        self.provenance = provenance or {}

    @classmethod
    def from_config(
        cls,
        config: ModelConfig,
        seed: int = 0,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> SketchToImage:
        """Random weights: for tests and benchmarks. The caller's random state is left as it was."""
        module = SketchToImageModel.random(config, seed)
        return cls(module, config, {"weights": f"random, seed {seed}"}).to(device, dtype)

    @classmethod
    def from_pretrained(
        cls,
        name_or_path: str | os.PathLike[str] | None = None,
        *,
        device: torch.device | str = "cpu",
        dtype: torch.dtype | None = None,
        revision: str | None = None,
        filename: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> SketchToImage:
        """The bundled model (None), a file, a name in the models folder, or "owner/name" on the Hugging Face Hub.

        dtype: what the networks compute in, by default whatever `fastest_dtype` measures on the device. Pictures are
        float32 all the same; in bfloat16 they differ by less than a step of 8-bit colour on average.
        Raises `BundleError` for a file that is not a bundle, `HubError` for one that cannot be had.
        """
        from .bundle import load_bundle, load_into
        from .hub import resolve

        path = resolve(name_or_path, revision=revision, filename=filename, progress=progress)
        bundle = load_bundle(path)
        with skip_init():
            module = SketchToImageModel(bundle.config)
        load_into(module, bundle, path)
        return cls(module, bundle.config, bundle.provenance).to(device, dtype or fastest_dtype(device))

    @property
    def device(self) -> torch.device:
        return next(self.module.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        return next(self.module.parameters()).dtype

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> SketchToImage:
        """Move the networks, or change what they compute in. Raises `S2IError` for a dtype that they cannot."""
        self.module.to(device=device, dtype=None if dtype is None else check_dtype(dtype))
        return self

    @torch.inference_mode()
    def extract_sketch(
        self, image: Tensor, variant: float | Sequence[float] = 0, line_weight: float = 1.0
    ) -> Tensor:
        """image (B,3,H,W) -> ink (B,1,H,W) at the same size.

        variant: 0..variants-1, how it is drawn; 1.5 lies halfway between two. A sequence gives one per
        picture, or that many sketches of a single picture. line_weight: 1 is normal, 2 twice as heavy.
        """
        check_image(image, "image")
        variants = self.config.extractor.variants
        return extract_sketch(self.module.sketch_extractor, image, variant, line_weight, variants)

    @torch.inference_mode()
    def encode_content(
        self, ink: Tensor, working_size: int | None = None, hints: Tensor | None = None
    ) -> ContentCode:
        """ink (B,1,H,W) -> ContentCode at a short side of `working_size` pixels (the config's by default).

        hints: (1 or B,4,H,W), dabs of colour that regions take: RGB in [-1,1] and coverage in [0,1]. The draft is made
        at one size, so composition and colour do not depend on the output's.
        """
        check_image(ink, "ink", channels=1)
        if working_size is not None and not 16 <= working_size <= 2048:
            raise S2IError(f"working_size must be 16..2048 pixels, found {working_size}")
        size = working_shape(*ink.shape[-2:], working_size or self.config.working_size)
        hints = None if hints is None else check_hints(hints, ink).expand(len(ink), -1, -1, -1)
        encoder = self.module.content_encoder
        codes = [
            encode_content(encoder, self.config, ink[k], size, None if hints is None else hints[k])
            for k in self._parts(len(ink))
        ]
        return codes[0] if len(codes) == 1 else ContentCode.cat(codes)

    @torch.inference_mode()
    def encode_style(self, image: Tensor, mask: Tensor | None = None) -> StyleCode:
        """image (B,3,H,W), mask (B,1,H,W) with 1 = use this part (all of it by default) -> StyleCode."""
        check_image(image, "reference")
        if mask is not None:
            mask = check_mask(mask, image).expand(len(image), 1, *image.shape[-2:])
        codes = [
            encode_style(self.module, self.config, image[k], None if mask is None else mask[k])
            for k in self._parts(len(image))
        ]
        return codes[0] if len(codes) == 1 else StyleCode.cat(codes)

    @torch.inference_mode()
    def decode(self, content: ContentCode, style: Style, *, seed: int = 0, same_seed: bool = False) -> Tensor:
        """-> draft (B,3,h,w) in [-1,1] at the content's working size.

        Picture i of a batch is painted with seed + i; with `same_seed` all are with one, so that what does not move in
        a video's frames does not flicker.
        """
        if isinstance(style, RegionalStyle):
            paint = lambda code: self.decode(content, code, seed=seed, same_seed=same_seed)  # noqa: E731
            return self._blend(style, content.size, paint)
        check_content(content, self.config)
        check_style(style, self.config)
        batch = max(content.batch, style.batch)
        content, style = content.to(self.device, self.dtype).expand(batch), style.to(self.device).expand(batch)
        decoder = self.module.decoder
        drafts = [
            decode(decoder, self.config, content[k], style[k], seed + (0 if same_seed else k.start), same_seed)
            for k in self._parts(batch)
        ]
        return torch.cat(drafts)

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
        same_seed: bool = False,
    ) -> Tensor:
        """draft (B,3,h,w), ink (B,1,H,W) -> image (B,3,*size); `size` is the ink's by default.

        One x2 step after another, until the size is reached; the last result is shrunk to it by area. Each step sees
        the ink at its own size. Picture i of the batch draws its brushwork from seed + i. strength scales what the
        steps add; 0 returns the enlarged draft.
        """
        check_image(draft, "draft")
        check_image(ink, "ink", channels=1)
        if not 0 <= strength <= 4:
            raise S2IError(f"strength must be 0..4, found {strength}")
        size = size or tuple(ink.shape[-2:])
        if isinstance(style, RegionalStyle):
            repaint = lambda code: self.refine(  # noqa: E731
                draft, ink, code, seed=seed, size=size, strength=strength, same_seed=same_seed
            )
            return self._blend(style, size, repaint)
        check_style(style, self.config)
        batch = joint_batch(draft=draft, ink=ink, style=style)
        draft, ink = (x.to(self.device, torch.float32).expand(batch, -1, -1, -1) for x in (draft, ink))
        vector = style.vectors[:, -1].to(self.device, self.dtype).expand(batch, -1)
        pictures = [
            refine(
                self.module.refiner, draft[k], ink[k], vector[k],
                size=size, strength=strength, seed=seed + (0 if same_seed else k.start), same_seed=same_seed,
                noise_maps=self.config.refiner.noise,
            )
            for k in self._parts(batch)
        ]
        return torch.cat(pictures)

    def _parts(self, batch: int) -> list[slice]:
        """How a batch is computed: on a CPU one picture at a time, which costs nothing there and makes a picture in a
        batch, to the bit, the picture alone; elsewhere all at once."""
        step = 1 if self.device.type == "cpu" else batch
        return [slice(i, i + step) for i in range(0, batch, step)]

    def _blend(self, style: RegionalStyle, size: tuple[int, int], paint: Callable[[StyleCode], Tensor]) -> Tensor:
        weights = style.to(self.device, self.dtype).weights(size)
        return sum(weight * paint(code) for weight, code in zip(weights, style.codes, strict=True))

    def __call__(
        self,
        ink: Tensor,
        reference: Tensor,
        *,
        mask: Tensor | None = None,
        hints: Tensor | None = None,
        seed: int = 0,
        same_seed: bool = False,
        size: tuple[int, int] | None = None,
        working_size: int | None = None,
        strength: float = 1.0,
        line_opacity: float = 0.0,
    ) -> Tensor:
        """The whole chain. `line_opacity` lays the artist's own lines back over the result, 0 to 1."""
        style = self.encode_style(reference, mask)
        draft = self.decode(self.encode_content(ink, working_size, hints), style, seed=seed, same_seed=same_seed)
        image = self.refine(draft, ink, style, seed=seed, size=size, strength=strength, same_seed=same_seed)
        return self.draw_lines(image, ink, line_opacity)

    @torch.inference_mode()
    def draw_lines(self, image: Tensor, ink: Tensor, opacity: float) -> Tensor:
        """The drawing's own lines over the picture, at the picture's size; see `lay_lines`."""
        return lay_lines(image, resize_ink(placed(ink, self.module), tuple(image.shape[-2:])), opacity)
