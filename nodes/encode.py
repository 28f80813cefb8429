"""Drawing and reference as values: content and style."""

from __future__ import annotations

import comfy.model_management
import torch
from comfy_api.latest import io

from ..s2i.codes.content import ContentCode
from ._shared.batches import check_picture, ink_part, paper_mask
from ._shared.each_picture import each_picture
from ._shared.managed_model import ManagedModel
from ._shared.painting import encode_styles, part_hints
from ._shared.sockets import (
    ROOT,
    Content,
    hints_input,
    mask_input,
    model_input,
    polarity_input,
    reference_input,
    search,
    sketch_input,
    sketch_mask_input,
    style_output,
    working_size_input,
)


class EncodeContent(io.ComfyNode):
    """What a sketch says, ready to be painted in any style."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_EncodeContent",
            display_name="Encode Content",
            category=f"{ROOT}/encode",
            description="Reads a sketch once, so that it can be painted in many styles: changing the reference does "
            "not read it again.",
            inputs=[model_input(), sketch_input(), working_size_input(), polarity_input(), sketch_mask_input(),
                    hints_input()],
            outputs=[Content.Output("content_out", display_name="content", tooltip="To Decode.")],
            hidden=[io.Hidden.unique_id],
            **search("sketch", "lineart", "ink", "features"),
        )

    @classmethod
    def execute(
        cls, model: ManagedModel, sketch: torch.Tensor, working_size: int, polarity: str,
        sketch_mask: torch.Tensor | None = None, hints: torch.Tensor | None = None,
    ) -> io.NodeOutput:  # fmt: skip
        check_picture(sketch, "sketch")
        paper = paper_mask(sketch_mask, sketch)
        pixels = sketch.shape[1] * sketch.shape[2]
        engine, home = model.load(pixels), comfy.model_management.intermediate_device()

        def work(part: slice) -> ContentCode:
            ink = ink_part(sketch, part, polarity, paper)
            return engine.encode_content(ink, working_size or None, part_hints(hints, part, ink)).to(home)

        codes = each_picture(
            len(sketch),
            work,
            node_id=cls.hidden.unique_id,
            pixels=pixels,
            device=model.device,
        )
        return io.NodeOutput(ContentCode.cat([code for _, code in codes]))


class EncodeStyle(io.ComfyNode):
    """What a reference looks like, as a value that can be mixed, interpolated and saved."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_EncodeStyle",
            display_name="Encode Style",
            category=f"{ROOT}/encode",
            description="Reads a reference's colour, light and brushwork. Styles can be mixed, interpolated, swapped "
            "by scale, given to regions, and saved.",
            inputs=[model_input(), reference_input(), mask_input()],
            outputs=[style_output("To Decode, Refine, and the style nodes.")],
            hidden=[io.Hidden.unique_id],
            **search("reference", "style transfer", "palette", "brush", "ip-adapter"),
        )

    @classmethod
    def execute(
        cls, model: ManagedModel, reference: torch.Tensor, mask: torch.Tensor | None = None
    ) -> io.NodeOutput:
        check_picture(reference, "reference")
        return io.NodeOutput(encode_styles(model, reference, mask, cls.hidden.unique_id))
