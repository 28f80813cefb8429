"""Swap Style Scales: composition of tones from one reference, brushwork from another."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from ..s2i.style import SCALES, StyleCode
from .sockets import ROOT, Style, search, style_output
from .style_values import plain_style

_WHAT = {
    "coarse": "Colours and the distribution of light and dark",
    "mid": "Materials and shading",
    "fine": "Brushwork and texture",
}


class SwapStyleScales(io.ComfyNode):
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
    def execute(cls, style_a: StyleCode, style_b: StyleCode, coarse: str, mid: str, fine: str) -> io.NodeOutput:
        a, b = plain_style(style_a, "Swap Style Scales"), plain_style(style_b, "Swap Style Scales")
        chosen = zip(SCALES, (coarse, mid, fine), strict=True)
        return io.NodeOutput(a.mix(b, [scale for scale, source in chosen if source == "B"]))


def _choice(scale: str) -> Any:
    return io.Combo.Input(
        scale,
        options=["A", "B"],
        default="B" if scale == "fine" else "A",
        tooltip=f"{_WHAT[scale]}: from A or from B.",
    )
