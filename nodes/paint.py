"""One node from sketch or photo to picture."""

from __future__ import annotations

import torch
from comfy_api.latest import io

from ..s2i.imaging.pixels.layouts import ink_to_comfy
from ._shared.batches import check_picture, image_part, ink_part, joint_batch, paper_mask, part_of
from ._shared.each_picture import paint_each
from ._shared.managed_model import ManagedModel
from ._shared.painting import encode_styles, paint
from ._shared.sockets import (
    ROOT,
    hints_input,
    image_output,
    line_opacity_input,
    mask_input,
    model_input,
    polarity_input,
    reference_input,
    same_seed_input,
    scale_input,
    search,
    seed_input,
    sketch_input,
    sketch_mask_input,
    strength_input,
    working_size_input,
)


class SketchToImage(io.ComfyNode):
    """The whole chain in one node."""

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
                same_seed_input(),
                sketch_mask_input(),
                hints_input(),
            ],
            outputs=[image_output("The painted sketch, at the sketch's size times scale.")],
            hidden=[io.Hidden.unique_id],
            **search(
                "colorize", "colourise", "coloring", "lineart", "line art", "manga", "ink", "reference", "exemplar",
                "brush", "style transfer",
            ),
        )

    @classmethod
    def execute(
        cls, model: ManagedModel, sketch: torch.Tensor, reference: torch.Tensor, seed: int, strength: float,
        line_opacity: float, scale: float, working_size: int, polarity: str, same_seed: bool = False,
        mask: torch.Tensor | None = None, sketch_mask: torch.Tensor | None = None, hints: torch.Tensor | None = None,
    ) -> io.NodeOutput:  # fmt: skip
        batch = joint_batch(sketch=sketch, reference=reference)
        check_picture(sketch, "sketch")
        check_picture(reference, "reference")
        paper = paper_mask(sketch_mask, sketch)
        style = encode_styles(model, reference, mask, None)
        image = paint(
            model, lambda part: ink_part(sketch, part, polarity, paper), tuple(sketch.shape[1:3]), style,
            batch=batch, seed=seed, same_seed=same_seed, strength=strength, scale=scale, line_opacity=line_opacity,
            working_size=working_size, node_id=cls.hidden.unique_id, hints=hints,
        )  # fmt: skip
        return io.NodeOutput(image)


class StyleTransfer(io.ComfyNode):
    """A photo is drawn as a sketch, and the sketch painted in the style of a reference."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_StyleTransfer",
            display_name="Style Transfer",
            category=ROOT,
            description="Draws a photo or painting as lines and paints these with the colour, light and brushwork of a "
            "reference. The result has the photo's size.",
            inputs=[
                model_input(),
                io.Image.Input("image", tooltip="The picture whose content is kept."),
                reference_input(),
                mask_input(),
                io.Float.Input(
                    "variant", default=0.0, min=0.0, max=15.0, step=0.1,
                    tooltip="The variant in which the picture is drawn before it is painted; see Extract Sketch.",
                ),
                io.Float.Input(
                    "line_weight", default=1.0, min=0.25, max=8.0, step=0.05,
                    tooltip="How heavy the lines of that drawing are.",
                ),
                seed_input(),
                strength_input(),
                working_size_input(),
                same_seed_input(),
            ],
            outputs=[
                image_output("The repainted picture."),
                io.Image.Output("sketch", display_name="sketch", tooltip="The drawing that it was painted from."),
            ],
            hidden=[io.Hidden.unique_id],
            **search("style transfer", "neural style", "repaint", "reference", "brush", "img2img"),
        )  # fmt: skip

    @classmethod
    def execute(
        cls, model: ManagedModel, image: torch.Tensor, reference: torch.Tensor, variant: float, line_weight: float,
        seed: int, strength: float, working_size: int, same_seed: bool = False,
        mask: torch.Tensor | None = None,
    ) -> io.NodeOutput:  # fmt: skip
        batch = joint_batch(image=image, reference=reference)
        check_picture(image, "image")
        check_picture(reference, "reference")
        style = encode_styles(model, reference, mask, None)
        pixels = image.shape[1] * image.shape[2]
        engine = model.load(pixels)
        ink = paint_each(
            len(image),
            lambda part: engine.extract_sketch(image_part(image, part, "image"), variant, line_weight),
            node_id=None, pixels=pixels, device=model.device,
        )
        painted = paint(
            model, lambda part: part_of(ink, part), tuple(image.shape[1:3]), style,
            batch=batch, seed=seed, same_seed=same_seed, strength=strength, scale=1.0, line_opacity=0.0,
            working_size=working_size, node_id=cls.hidden.unique_id,
        )  # fmt: skip
        return io.NodeOutput(painted, ink_to_comfy(ink))
