"""Encode Style: what a reference looks like, as a value that can be mixed, interpolated and saved."""

from __future__ import annotations

import torch
from comfy_api.latest import io

from .batches import check_picture
from .managed_model import ManagedModel
from .painting import encode_styles
from .sockets import ROOT, mask_input, model_input, reference_input, search, style_output


class EncodeStyle(io.ComfyNode):
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
            **search("reference", "palette", "ip-adapter"),
        )

    @classmethod
    def execute(
        cls, model: ManagedModel, reference: torch.Tensor, mask: torch.Tensor | None = None
    ) -> io.NodeOutput:
        check_picture(reference, "reference")
        return io.NodeOutput(encode_styles(model, reference, mask, cls.hidden.unique_id))
