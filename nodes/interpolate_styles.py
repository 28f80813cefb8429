"""Interpolate Styles: between two references, as one style or as a batch of frames."""

from __future__ import annotations

import torch
from comfy_api.latest import io

from ..s2i.errors import S2IError
from ..s2i.style import StyleCode
from .sockets import ROOT, Style, search, style_output
from .style_values import plain_style


class InterpolateStyles(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_InterpolateStyles",
            display_name="Interpolate Styles",
            category=f"{ROOT}/style",
            description="Goes from one style to another: one step of the way, or all of it as a batch of frames that "
            "Decode paints with a single sketch.",
            inputs=[
                Style.Input("style_a", tooltip="The style at position 0."),
                Style.Input("style_b", tooltip="The style at position 1."),
                io.Float.Input(
                    "position", default=0.5, min=0.0, max=1.0, step=0.01,
                    tooltip="Where between the two, when frames is 1.",
                ),
                io.Int.Input(
                    "frames", default=1, min=1, max=240,
                    tooltip="1 gives the style at the position above. More give a batch from the first style to the "
                    "second, both included.",
                ),
            ],
            outputs=[style_output("One style, or a batch of as many as there are frames.")],
            **search("lerp", "animate", "morph"),
        )  # fmt: skip

    @classmethod
    def execute(cls, style_a: StyleCode, style_b: StyleCode, position: float, frames: int) -> io.NodeOutput:
        a, b = plain_style(style_a, "Interpolate Styles"), plain_style(style_b, "Interpolate Styles")
        if frames == 1:
            return io.NodeOutput(a.lerp(b, position))
        if a.batch > 1 or b.batch > 1:
            raise S2IError(
                f"frames go between two single styles, found batches of {a.batch} and {b.batch}: set frames to 1, or "
                "encode one reference each"
            )
        return io.NodeOutput(a.lerp(b, torch.linspace(0, 1, frames)))
