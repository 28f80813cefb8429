"""Canny: edges without a trained network."""

from __future__ import annotations

import torch
from comfy_api.latest import io

from ..s2i.errors import S2IError
from ..s2i.imaging.canny import canny
from .batches import check_picture, image_part
from .each_picture import paint_each
from .sketch_outputs import light_on_dark_input, sketch_output, sketch_schema_outputs
from .sockets import ROOT, search


class Canny(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_Canny",
            display_name="Canny Sketch",
            category=f"{ROOT}/sketch",
            description="Draws the edges of a picture as lines one pixel wide (Canny's detector). Needs no model.",
            inputs=[
                io.Image.Input("image", tooltip="A photo or painting."),
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
                light_on_dark_input(),
            ],
            outputs=sketch_schema_outputs(),
            hidden=[io.Hidden.unique_id],
            **search("edge", "lineart", "preprocessor"),
        )  # fmt: skip

    @classmethod
    def execute(
        cls, image: torch.Tensor, sigma: float, low: float, high: float, light_on_dark: bool
    ) -> io.NodeOutput:
        check_picture(image, "image")
        if low > high:
            raise S2IError(f"low ({low:g}) must not be above high ({high:g}): lower the one or raise the other")
        ink = paint_each(
            len(image),
            lambda part: canny(image_part(image, part, "image"), sigma=sigma, low=low, high=high),
            node_id=cls.hidden.unique_id,
            pixels=image.shape[1] * image.shape[2],
        )
        return sketch_output(ink, light_on_dark, cls)
