"""XDoG: ink drawings without a trained network."""

from __future__ import annotations

import torch
from comfy_api.latest import io

from ..s2i.imaging.xdog import xdog
from .batches import check_picture, image_part
from .each_picture import paint_each
from .sketch_outputs import light_on_dark_input, sketch_output, sketch_schema_outputs
from .sockets import ROOT, search


class XDoG(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_XDoG",
            display_name="XDoG Sketch",
            category=f"{ROOT}/sketch",
            description="Draws a picture like a woodcut or an ink drawing: a sharpened difference of two blurs, softly "
            "thresholded. Dark areas fill with ink. Needs no model.",
            inputs=[
                io.Image.Input("image", tooltip="A photo or painting."),
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
                light_on_dark_input(),
            ],
            outputs=sketch_schema_outputs(),
            hidden=[io.Hidden.unique_id],
            **search("lineart", "preprocessor", "difference of gaussians"),
        )  # fmt: skip

    @classmethod
    def execute(
        cls, image: torch.Tensor, sigma: float, k: float, p: float, epsilon: float, phi: float, light_on_dark: bool
    ) -> io.NodeOutput:
        check_picture(image, "image")
        ink = paint_each(
            len(image),
            lambda part: xdog(image_part(image, part, "image"), sigma=sigma, k=k, p=p, epsilon=epsilon, phi=phi),
            node_id=cls.hidden.unique_id,
            pixels=image.shape[1] * image.shape[2],
        )
        return sketch_output(ink, light_on_dark, cls)
