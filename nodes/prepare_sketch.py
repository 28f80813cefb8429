"""Prepare Sketch: any scan or drawing becomes clean lines."""

from __future__ import annotations

from comfy_api.latest import io

from ..s2i.imaging.cleaning import clean_ink
from .batches import check_picture, ink_part
from .each_picture import paint_each
from .sketch_outputs import light_on_dark_input, sketch_output, sketch_schema_outputs
from .sockets import ROOT, polarity_input, search


class PrepareSketch(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_PrepareSketch",
            display_name="Prepare Sketch",
            category=f"{ROOT}/sketch",
            description="Makes clean lines of a scan, a photographed page or a drawing of any colour: finds out which "
            "tone is the paper, removes it, and mends the lines' weight.",
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
            ],
            outputs=sketch_schema_outputs(),
            hidden=[io.Hidden.unique_id],
            **search("clean", "scan", "lineart", "binarize"),
        )  # fmt: skip

    @classmethod
    def execute(cls, image, polarity: str, thicken: float, denoise: float, light_on_dark: bool) -> io.NodeOutput:  # noqa: ANN001
        check_picture(image, "image")
        ink = paint_each(
            len(image),
            lambda part: clean_ink(ink_part(image, part, polarity, "image"), thicken=thicken, denoise=denoise),
            node_id=cls.hidden.unique_id,
            pixels=image.shape[1] * image.shape[2],
        )
        return sketch_output(ink, light_on_dark, cls)
