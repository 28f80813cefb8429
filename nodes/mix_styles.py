"""Mix Styles: a weighted average of up to four styles."""

from __future__ import annotations

from comfy_api.latest import io

from ..s2i.style import StyleCode
from .sockets import ROOT, Style, search, style_output
from .style_values import plain_style


class MixStyles(io.ComfyNode):
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
