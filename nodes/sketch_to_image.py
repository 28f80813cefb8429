"""Sketch to Image: the whole chain in one node."""

from __future__ import annotations

import torch
from comfy_api.latest import io

from .batches import check_picture, ink_part, joint_batch
from .managed_model import ManagedModel
from .painting import encode_styles, paint
from .sockets import (
    ROOT,
    image_output,
    line_opacity_input,
    mask_input,
    model_input,
    polarity_input,
    reference_input,
    scale_input,
    search,
    seed_input,
    sketch_input,
    strength_input,
    working_size_input,
)


class SketchToImage(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_SketchToImage",
            display_name="Sketch to Image",
            category=ROOT,
            description="Paints a sketch with the colour, light and brushwork of a reference picture. No prompt. The "
            "result has the sketch's size.",
            inputs=[
                model_input(),
                sketch_input(),
                reference_input(),
                mask_input(),
                seed_input(),
                strength_input(),
                line_opacity_input(),
                scale_input(),
                working_size_input(),
                polarity_input(),
            ],
            outputs=[image_output("The painted sketch, at the sketch's size times scale.")],
            hidden=[io.Hidden.unique_id],
            **search("colorize", "colourise", "line art", "exemplar"),
        )

    @classmethod
    def execute(
        cls, model: ManagedModel, sketch: torch.Tensor, reference: torch.Tensor, seed: int, strength: float,
        line_opacity: float, scale: float, working_size: int, polarity: str, mask: torch.Tensor | None = None,
    ) -> io.NodeOutput:  # fmt: skip
        batch = joint_batch(sketch=sketch, reference=reference)
        check_picture(sketch, "sketch")
        check_picture(reference, "reference")
        style = encode_styles(model, reference, mask, None)
        image = paint(
            model, lambda part: ink_part(sketch, part, polarity), tuple(sketch.shape[1:3]), style,
            batch=batch, seed=seed, strength=strength, scale=scale, line_opacity=line_opacity,
            working_size=working_size, node_id=cls.hidden.unique_id,
        )  # fmt: skip
        return io.NodeOutput(image)
