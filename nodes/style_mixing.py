"""Styles out of styles: mixed, interpolated, swapped by scale, laid out in regions."""

from __future__ import annotations

from typing import Any

import torch
from comfy_api.latest import io

from ..s2i.codes.regional_style import RegionalStyle
from ..s2i.codes.style import SCALES, StyleCode
from ..s2i.errors import S2IError
from ._shared.batches import check_shape, mask_tensor
from ._shared.sockets import ROOT, Style, search, style_output
from ._shared.style_values import plain_style


class MixStyles(io.ComfyNode):
    """A weighted average of up to four styles."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        weight = {"min": 0.0, "max": 10.0, "step": 0.05}
        return io.Schema(
            node_id="S2I_MixStyles",
            display_name="Mix Styles",
            category=f"{ROOT}/style",
            description="Averages up to four styles by weight. Only the weights' proportions matter: 1 and 1 is half "
            "and half.",
            inputs=[
                Style.Input("style_1", tooltip="The first style."),
                Style.Input("style_2", tooltip="The second style."),
                Style.Input("style_3", optional=True, tooltip="A third style, if wanted."),
                Style.Input("style_4", optional=True, tooltip="A fourth style, if wanted."),
                io.Float.Input("weight_1", default=1.0, tooltip="How much of the first style.", **weight),
                io.Float.Input("weight_2", default=1.0, tooltip="How much of the second style.", **weight),
                io.Float.Input("weight_3", default=1.0, tooltip="How much of the third style.", **weight),
                io.Float.Input("weight_4", default=1.0, tooltip="How much of the fourth style.", **weight),
            ],
            outputs=[style_output("The average.")],
            **search("average", "blend"),
        )

    @classmethod
    def execute(
        cls, style_1: StyleCode, style_2: StyleCode, weight_1: float, weight_2: float, weight_3: float,
        weight_4: float, style_3: StyleCode | None = None, style_4: StyleCode | None = None,
    ) -> io.NodeOutput:  # fmt: skip
        given = [(style_1, weight_1), (style_2, weight_2), (style_3, weight_3), (style_4, weight_4)]
        given = [(plain_style(style, "Mix Styles"), weight) for style, weight in given if style is not None]
        return io.NodeOutput(StyleCode.mean([s for s, _ in given], [w for _, w in given]))


class InterpolateStyles(io.ComfyNode):
    """Between two references, as one style or as a batch of frames."""

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


_WHAT = {
    "palette": "The colours",
    "coarse": "What things are made of, and their light and shade",
    "fine": "Brushwork and texture",
}


class SwapStyleScales(io.ComfyNode):
    """Composition of tones from one reference, brushwork from another."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_SwapStyleScales",
            display_name="Swap Style Scales",
            category=f"{ROOT}/style",
            description="Combines two styles by scale: for example the colours of A with the brushwork of B.",
            inputs=[
                Style.Input("style_a", tooltip="The style called A below."),
                Style.Input("style_b", tooltip="The style called B below."),
                *(_choice(scale) for scale in SCALES),
            ],
            outputs=[style_output("The combined style.")],
            **search("combine", "coarse", "fine"),
        )

    @classmethod
    def execute(cls, style_a: StyleCode, style_b: StyleCode, palette: str, coarse: str, fine: str) -> io.NodeOutput:
        a, b = plain_style(style_a, "Swap Style Scales"), plain_style(style_b, "Swap Style Scales")
        chosen = zip(SCALES, (palette, coarse, fine), strict=True)
        return io.NodeOutput(a.mix(b, [scale for scale, source in chosen if source == "B"]))


def _choice(scale: str) -> Any:
    return io.Combo.Input(
        scale,
        options=["A", "B"],
        default="B" if scale == "fine" else "A",
        tooltip=f"{_WHAT[scale]}: from A or from B.",
    )


class RegionalStyles(io.ComfyNode):
    """Another style for each part of the sheet."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        regions = []
        for i in range(1, 5):
            extra = {"optional": True} if i > 1 else {}
            regions += [
                Style.Input(f"style_{i}", tooltip=f"The style of region {i}.", **extra),
                io.Mask.Input(
                    f"mask_{i}", tooltip=f"Where region {i} is, on the sketch. Soft edges blend.", **extra
                ),
            ]
        return io.Schema(
            node_id="S2I_RegionalStyles",
            display_name="Regional Styles",
            category=f"{ROOT}/style",
            description="Gives parts of the sketch styles of their own. Where no mask reaches, the background's style "
            "paints; where masks overlap, they share.",
            inputs=[Style.Input("background", tooltip="The style of everything that no mask covers."), *regions],
            outputs=[style_output("To Decode and Refine.")],
            **search("mask", "area", "region"),
        )

    @classmethod
    def execute(
        cls, background: StyleCode, style_1: StyleCode, mask_1: torch.Tensor,
        style_2: StyleCode | None = None, mask_2: torch.Tensor | None = None,
        style_3: StyleCode | None = None, mask_3: torch.Tensor | None = None,
        style_4: StyleCode | None = None, mask_4: torch.Tensor | None = None,
    ) -> io.NodeOutput:  # fmt: skip
        codes, masks = [plain_style(background, "Regional Styles")], []
        given = [(style_1, mask_1), (style_2, mask_2), (style_3, mask_3), (style_4, mask_4)]
        for i, (style, mask) in enumerate(given, 1):
            if (style is None) != (mask is None):
                missing, there = ("style", "mask") if style is None else ("mask", "style")
                raise S2IError(f"region {i} has a {there} but no {missing}: connect {missing}_{i}, or neither")
            if style is not None:
                codes.append(plain_style(style, "Regional Styles"))
                masks.append(mask_tensor(mask, f"mask_{i}"))
                check_shape(masks[-1], tuple(masks[0].shape[-2:]), f"mask_{i}", "mask_1")
        return io.NodeOutput(RegionalStyle(tuple(codes), (torch.zeros_like(masks[0]), *masks)))
