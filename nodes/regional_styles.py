"""Regional Styles: another style for each part of the sheet."""

from __future__ import annotations

import torch
from comfy_api.latest import io

from ..s2i.errors import S2IError
from ..s2i.style import RegionalStyle, StyleCode
from .batches import check_shape, mask_tensor
from .sockets import ROOT, Style, search, style_output
from .style_values import plain_style


class RegionalStyles(io.ComfyNode):
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
