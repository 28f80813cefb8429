"""Sketch Pad: a sheet of paper in the graph. The browser draws (web/js), this renders what it saved."""

from __future__ import annotations

from comfy_api.latest import io

from ..s2i.imaging.pixels.layouts import ink_to_comfy
from ..s2i.imaging.strokes.drawing import Drawing
from ._shared.sockets import ROOT, Hints, search


class SketchPad(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        side = {"default": 512, "min": 64, "max": 4096, "step": 8}
        drawing = io.String.Input(
            "drawing",
            default="",
            tooltip="The strokes, kept as text inside the workflow. Draw on the pad to change them.",
        )
        # The pad takes the place of the text field; the value stays a text that can be linked or sent by API.
        drawing.extra_dict["widgetType"] = "S2I_DRAWING"
        return io.Schema(
            node_id="S2I_SketchPad",
            display_name="Sketch Pad",
            category=f"{ROOT}/sketch",
            description="Draw a sketch in the graph, with mouse, touch or pen. The drawing is saved in the workflow. "
            "With Live on, the workflow runs after every stroke. A dab of colour hints at what its region is to be.",
            inputs=[
                io.Int.Input("width", tooltip="Width of the sheet and of both outputs, in pixels.", **side),
                io.Int.Input("height", tooltip="Height of the sheet and of both outputs, in pixels.", **side),
                drawing,
            ],
            outputs=[
                io.Image.Output("sketch", display_name="sketch", tooltip="Black lines on white paper."),
                io.Mask.Output("ink", display_name="ink", tooltip="1 where there is ink, 0 on blank paper."),
                Hints.Output("hints", display_name="hints", tooltip="The dabs of colour, for a hints input."),
            ],
            **search("draw", "paint", "canvas", "scribble", "lineart", "ink", "brush", "coloring", "hints"),
        )

    @classmethod
    def execute(cls, width: int, height: int, drawing: str = "") -> io.NodeOutput:
        sheet = Drawing.from_json(drawing)
        ink = sheet.render(height, width)
        return io.NodeOutput(ink_to_comfy(ink), ink[:, 0], sheet.render_hints(height, width))
