"""Decode: content and style become a draft."""

from __future__ import annotations

import torch
from comfy_api.latest import io

from ..s2i.content import ContentCode
from ..s2i.imaging.layouts import image_to_comfy
from ..s2i.style import Style as StyleValue
from .batches import check_regions, joint_batch, part_of
from .each_picture import paint_each
from .managed_model import ManagedModel
from .sockets import ROOT, Content, Style, image_output, model_input, search


class Decode(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_Decode",
            display_name="Decode",
            category=f"{ROOT}/decode",
            description="Paints a content in a style. The draft is composed at the content's working size and enlarged "
            "to the sketch's; Refine adds the fine detail.",
            inputs=[
                model_input(),
                Content.Input("content", tooltip="From Encode Content."),
                Style.Input("style", tooltip="From Encode Style or any style node. One style serves all sketches, and "
                                             "one sketch all styles."),
                io.Boolean.Input(
                    "full_size", default=True,
                    tooltip="Enlarge the draft to the sketch's size. Off: leave it at its working size.",
                ),
            ],
            outputs=[image_output("The draft.", "draft")],
            hidden=[io.Hidden.unique_id],
            **search("paint", "generate", "colorize"),
        )  # fmt: skip

    @classmethod
    def execute(cls, model: ManagedModel, content: ContentCode, style: StyleValue, full_size: bool) -> io.NodeOutput:
        from ..s2i.pipeline import enlarge

        batch = joint_batch(content=content, style=style)
        size = content.source_size if full_size else content.size
        check_regions(style, content.source_size)
        pixels = size[0] * size[1]
        engine = model.load(pixels)

        def work(part: slice) -> torch.Tensor:
            draft = engine.decode(part_of(content, part), part_of(style, part))
            return image_to_comfy(enlarge(draft, size))

        return io.NodeOutput(
            paint_each(batch, work, node_id=cls.hidden.unique_id, pixels=pixels, device=model.device)
        )
