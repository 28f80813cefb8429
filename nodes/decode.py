"""From content and style to the draft, and from the draft to the picture."""

from __future__ import annotations

import torch
from comfy_api.latest import io

from ..s2i.codes.content import ContentCode
from ..s2i.codes.regional_style import Style as StyleValue
from ..s2i.imaging.pixels.layouts import image_to_comfy
from ._shared.batches import check_picture, check_regions, image_part, ink_part, joint_batch, paper_mask, part_of
from ._shared.each_picture import paint_each
from ._shared.managed_model import ManagedModel
from ._shared.painting import part_seed, scaled_size
from ._shared.sockets import (
    ROOT,
    Content,
    Style,
    image_output,
    line_opacity_input,
    model_input,
    polarity_input,
    same_seed_input,
    scale_input,
    search,
    seed_input,
    sketch_input,
    sketch_mask_input,
    strength_input,
)


class Decode(io.ComfyNode):
    """Content and style become a draft."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_Decode",
            display_name="Decode",
            category=f"{ROOT}/decode",
            description="Paints a content in a style. The draft is composed at the content's working size; Refine "
            "enlarges it to the sketch's and adds the fine detail.",
            inputs=[
                model_input(),
                Content.Input("content", tooltip="From Encode Content."),
                Style.Input("style", tooltip="From Encode Style or any style node. One style serves all sketches, and "
                                             "one sketch all styles."),
                io.Boolean.Input(
                    "full_size", default=False,
                    tooltip="Enlarge the draft to the sketch's size, to use it as it is. Off for Refine, which paints "
                    "its detail while it enlarges.",
                ),
                seed_input(optional=True),
                same_seed_input(),
            ],
            outputs=[image_output("The draft.", "draft")],
            hidden=[io.Hidden.unique_id],
            **search("paint", "generate", "colorize", "coloring", "brush"),
        )  # fmt: skip

    @classmethod
    def execute(
        cls, model: ManagedModel, content: ContentCode, style: StyleValue, full_size: bool, seed: int = 0,
        same_seed: bool = False,
    ) -> io.NodeOutput:  # fmt: skip
        from ..s2i.imaging.pixels.sizes import resize_area

        batch = joint_batch(content=content, style=style)
        size = content.source_size if full_size else content.size
        check_regions(style, content.source_size)
        pixels = size[0] * size[1]
        engine = model.load(pixels)

        def work(part: slice) -> torch.Tensor:
            first = part_seed(seed, part, same_seed)
            draft = engine.decode(part_of(content, part), part_of(style, part), seed=first, same_seed=same_seed)
            return image_to_comfy(resize_area(draft, size))

        return io.NodeOutput(
            paint_each(batch, work, node_id=cls.hidden.unique_id, pixels=pixels, device=model.device)
        )


class Refine(io.ComfyNode):
    """The draft becomes a picture at the sketch's full size."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_Refine",
            display_name="Refine",
            category=f"{ROOT}/decode",
            description="Adds the sketch's fine lines and the style's brushwork to a draft, at the sketch's own size.",
            inputs=[
                model_input(),
                io.Image.Input("draft", tooltip="From Decode."),
                sketch_input("The drawing that the content was encoded from."),
                Style.Input("style", tooltip="The style that the draft was decoded in."),
                seed_input(),
                strength_input(),
                scale_input(),
                line_opacity_input(),
                polarity_input(),
                same_seed_input(),
                sketch_mask_input(),
            ],
            outputs=[image_output("The finished picture.")],
            hidden=[io.Hidden.unique_id],
            **search("detail", "upscale", "enhance"),
        )

    @classmethod
    def execute(
        cls, model: ManagedModel, draft: torch.Tensor, sketch: torch.Tensor, style: StyleValue, seed: int,
        strength: float, scale: float, line_opacity: float, polarity: str, same_seed: bool = False,
        sketch_mask: torch.Tensor | None = None,
    ) -> io.NodeOutput:  # fmt: skip
        batch = joint_batch(draft=draft, sketch=sketch, style=style)
        check_picture(draft, "draft")
        check_picture(sketch, "sketch")
        paper = paper_mask(sketch_mask, sketch)
        size = scaled_size(tuple(sketch.shape[1:3]), scale)
        check_regions(style, tuple(sketch.shape[1:3]))
        pixels = size[0] * size[1]
        engine = model.load(pixels)

        def work(part: slice) -> torch.Tensor:
            ink, codes = ink_part(sketch, part, polarity, paper), part_of(style, part)
            drafts = image_part(draft, part, "draft")
            first = part_seed(seed, part, same_seed)
            image = engine.refine(
                drafts, ink, codes, seed=first, same_seed=same_seed, size=size, strength=strength
            )  # fmt: skip
            return image_to_comfy(engine.draw_lines(image, ink, line_opacity))

        return io.NodeOutput(
            paint_each(batch, work, node_id=cls.hidden.unique_id, pixels=pixels, device=model.device)
        )
