"""Extract Sketch: a photo or painting becomes a line drawing, by the model's own extractor."""

from __future__ import annotations

import torch
from comfy_api.latest import io

from .batches import check_picture, image_part
from .each_picture import paint_each
from .managed_model import ManagedModel
from .sketch_outputs import light_on_dark_input, preview_ink, sketch_output, sketch_schema_outputs
from .sockets import ROOT, model_input, search


class ExtractSketch(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_ExtractSketch",
            display_name="Extract Sketch",
            category=f"{ROOT}/sketch",
            description="Draws a picture as lines. The model knows several manners of drawing, which can be blended, "
            "or drawn all at once as a batch.",
            inputs=[
                model_input(),
                io.Image.Input("image", tooltip="A photo or painting."),
                io.Float.Input(
                    "variant", default=0.0, min=0.0, max=15.0, step=0.1,
                    tooltip="The manner of drawing. Whole numbers are the learned manners, 1.5 lies halfway between "
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
            pictures, manners = zip(*(divmod(i, count) for i in range(part.start, part.stop)), strict=True)
            chosen = torch.cat([image_part(image, slice(p, p + 1), "image") for p in pictures])
            return engine.extract_sketch(chosen, [variants[m] for m in manners], line_weight)

        ink = paint_each(
            len(image) * count, draw, node_id=cls.hidden.unique_id, pixels=pixels, device=model.device,
            preview=preview_ink if count > 1 else None,
        )  # fmt: skip
        return sketch_output(ink, light_on_dark, cls)
