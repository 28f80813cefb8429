"""Sketches: cleaned, drawn by the model, or by a classical detector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from comfy_api.latest import io

from ..s2i.errors import S2IError
from ..s2i.imaging.edges.canny import canny
from ..s2i.imaging.edges.xdog import xdog
from ..s2i.imaging.ink.cleaning import clean_ink
from ..s2i.imaging.ink.photographed_page import photographed_ink
from ._shared.batches import check_picture, image_part, ink_part, paper_mask
from ._shared.each_picture import paint_each
from ._shared.managed_model import ManagedModel
from ._shared.sketch_outputs import light_on_dark_input, preview_ink, sketch_output, sketch_schema_outputs
from ._shared.sockets import ROOT, model_input, polarity_input, search, sketch_mask_input


class PrepareSketch(io.ComfyNode):
    """Any scan or drawing becomes clean lines."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_PrepareSketch",
            display_name="Prepare Sketch",
            category=f"{ROOT}/sketch",
            description="Makes clean lines of a scan, a photographed page or a drawing of any colour: evens out the "
            "light, finds out which tone is the paper, removes it, and mends the lines' weight.",
            inputs=[
                io.Image.Input("image", tooltip="A scan, a photograph of a page, or a digital drawing."),
                polarity_input(),
                io.Float.Input(
                    "thicken", default=0.0, min=-8.0, max=16.0, step=0.5,
                    tooltip="Pixels to add to the width of every line; below 0 makes lines thinner.",
                ),
                io.Float.Input(
                    "denoise", default=0.0, min=0.0, max=1.0, step=0.05,
                    tooltip="Removes specks and paper grain: 0 keeps all, 1 also removes short faint strokes.",
                ),
                light_on_dark_input(),
                io.Boolean.Input(
                    "even_light", default=True, optional=True,
                    tooltip="For photographed pages: takes out shadows, a lamp's tint and a printed ruling. Off: one "
                    "tone of paper for the whole picture.",
                ),
                sketch_mask_input(),
            ],
            outputs=sketch_schema_outputs(),
            hidden=[io.Hidden.unique_id],
            **search("clean", "scan", "photo", "pencil", "lineart", "binarize", "manga", "ink"),
        )  # fmt: skip

    @classmethod
    def execute(
        cls, image: torch.Tensor, polarity: str, thicken: float, denoise: float, light_on_dark: bool,
        even_light: bool = True, sketch_mask: torch.Tensor | None = None,
    ) -> io.NodeOutput:  # fmt: skip
        check_picture(image, "image")
        paper = paper_mask(sketch_mask, image, "image")

        def work(part: slice) -> torch.Tensor:
            # A layer with transparency was drawn, not photographed.
            if even_light and paper is None and image.shape[-1] != 4:
                ink = photographed_ink(image_part(image, part, "image"), polarity)
            else:
                ink = ink_part(image, part, polarity, paper, "image")
            return clean_ink(ink, thicken=thicken, denoise=denoise)

        ink = paint_each(
            len(image), work,
            node_id=cls.hidden.unique_id,
            pixels=image.shape[1] * image.shape[2],
        )  # fmt: skip
        return sketch_output(ink, light_on_dark, cls)


def _photo_input() -> Any:
    return io.Image.Input("image", tooltip="A photo or painting.")


class ExtractSketch(io.ComfyNode):
    """A photo or painting becomes a line drawing, by the model's own extractor."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_ExtractSketch",
            display_name="Extract Sketch",
            category=f"{ROOT}/sketch",
            description="Draws a picture as lines. The model knows several ways to draw, which can be blended, "
            "or drawn all at once as a batch.",
            inputs=[
                model_input(),
                _photo_input(),
                io.Float.Input(
                    "variant", default=0.0, min=0.0, max=15.0, step=0.1,
                    tooltip="How it is drawn. Whole numbers are the learned variants, 1.5 lies halfway between "
                    "two of them.",
                ),
                io.Int.Input(
                    "count", default=1, min=1, max=16,
                    tooltip="Sketches of each picture. More than one are spread evenly from this variant to the "
                    "model's last.",
                ),
                io.Float.Input(
                    "line_weight", default=1.0, min=0.25, max=8.0, step=0.05,
                    tooltip="How heavy the lines are: 1 is normal, 2 twice as wide.",
                ),
                light_on_dark_input(),
            ],
            outputs=sketch_schema_outputs(),
            hidden=[io.Hidden.unique_id],
            **search("lineart", "preprocessor", "edge", "scribble"),
        )  # fmt: skip

    @classmethod
    def execute(
        cls, model: ManagedModel, image: torch.Tensor, variant: float, count: int, line_weight: float,
        light_on_dark: bool,
    ) -> io.NodeOutput:  # fmt: skip
        check_picture(image, "image")
        pixels = image.shape[1] * image.shape[2]
        engine = model.load(pixels)
        last = engine.config.extractor.variants - 1
        variants = torch.linspace(variant, last, count).tolist() if count > 1 else [variant]

        def draw(part: slice) -> torch.Tensor:
            pictures, which = zip(*(divmod(i, count) for i in range(part.start, part.stop)), strict=True)
            chosen = torch.cat([image_part(image, slice(p, p + 1), "image") for p in pictures])
            return engine.extract_sketch(chosen, [variants[m] for m in which], line_weight)

        ink = paint_each(
            len(image) * count, draw, node_id=cls.hidden.unique_id, pixels=pixels, device=model.device,
            preview=preview_ink if count > 1 else None,
        )  # fmt: skip
        return sketch_output(ink, light_on_dark, cls)


def _detector_schema(*, settings: list[Any], words: tuple[str, ...], **named: str) -> io.Schema:
    """A node that needs no model: a picture and the detector's settings in, lines out. named: its id, name, description
    (the id is written out at each node, where programs that only read the code find it)."""
    return io.Schema(
        **named,
        category=f"{ROOT}/sketch",
        inputs=[_photo_input(), *settings, light_on_dark_input()],
        outputs=sketch_schema_outputs(),
        hidden=[io.Hidden.unique_id],
        **search(*words),
    )


def _drawn(
    image: torch.Tensor, draw: Callable[[torch.Tensor], torch.Tensor], light_on_dark: bool, cls: type[io.ComfyNode]
) -> io.NodeOutput:
    """draw: pictures (B,3,H,W) in [-1,1] -> ink (B,1,H,W)."""
    check_picture(image, "image")
    ink = paint_each(
        len(image),
        lambda part: draw(image_part(image, part, "image")),
        node_id=cls.hidden.unique_id,
        pixels=image.shape[1] * image.shape[2],
    )
    return sketch_output(ink, light_on_dark, cls)


class XDoG(io.ComfyNode):
    """Ink drawings without a trained network."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _detector_schema(
            node_id="S2I_XDoG",
            display_name="XDoG Sketch",
            description="Draws a picture like a woodcut or an ink drawing: a sharpened difference of two blurs, softly "
            "thresholded. Dark areas fill with ink. Needs no model.",
            settings=[
                io.Float.Input(
                    "sigma", default=0.8, min=0.1, max=20.0, step=0.1,
                    tooltip="Finest detail that is drawn, in pixels. Larger gives fewer, broader strokes.",
                ),
                io.Float.Input(
                    "k", default=1.6, min=1.05, max=10.0, step=0.05,
                    tooltip="Ratio of the two blurs. 1.6 is the usual choice.",
                ),
                io.Float.Input(
                    "p", default=20.0, min=0.0, max=200.0, step=0.5,
                    tooltip="Strength of the lines against the tone; 0 draws tone only.",
                ),
                io.Float.Input(
                    "epsilon", default=0.5, min=0.0, max=1.0, step=0.01,
                    tooltip="Brightness below which ink begins: higher gives more ink.",
                ),
                io.Float.Input(
                    "phi", default=10.0, min=0.1, max=200.0, step=0.5,
                    tooltip="Hardness of the ink's edge: low is pencil, high is black and white.",
                ),
            ],
            words=("lineart", "preprocessor", "difference of gaussians"),
        )  # fmt: skip

    @classmethod
    def execute(
        cls, image: torch.Tensor, sigma: float, k: float, p: float, epsilon: float, phi: float, light_on_dark: bool
    ) -> io.NodeOutput:
        def draw(picture: torch.Tensor) -> torch.Tensor:
            return xdog(picture, sigma=sigma, k=k, p=p, epsilon=epsilon, phi=phi)

        return _drawn(image, draw, light_on_dark, cls)


class Canny(io.ComfyNode):
    """Edges without a trained network."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _detector_schema(
            node_id="S2I_Canny",
            display_name="Canny Sketch",
            description="Draws the edges of a picture as lines one pixel wide (Canny's detector). Needs no model.",
            settings=[
                io.Float.Input(
                    "sigma", default=1.4, min=0.0, max=20.0, step=0.1,
                    tooltip="Blur before edges are looked for, in pixels. Larger ignores finer detail.",
                ),
                io.Float.Input(
                    "low", default=0.1, min=0.0, max=4.0, step=0.01,
                    tooltip="Weaker edges than this are never drawn.",
                ),
                io.Float.Input(
                    "high", default=0.2, min=0.0, max=4.0, step=0.01,
                    tooltip="Edges above this are always drawn; those between are drawn where they continue one.",
                ),
            ],
            words=("edge", "lineart", "preprocessor"),
        )  # fmt: skip

    @classmethod
    def execute(
        cls, image: torch.Tensor, sigma: float, low: float, high: float, light_on_dark: bool
    ) -> io.NodeOutput:
        if low > high:
            raise S2IError(f"low ({low:g}) must not be above high ({high:g}): lower the one or raise the other")
        return _drawn(image, lambda picture: canny(picture, sigma=sigma, low=low, high=high), light_on_dark, cls)
