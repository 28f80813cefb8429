"""Styles kept for another day."""

from __future__ import annotations

from pathlib import Path

import comfy.model_management
import folder_paths
from comfy_api.latest import io, ui

from ..s2i.codes.style import StyleCode
from ..s2i.imaging.strokes.drawing import Drawing
from ._shared.managed_model import ManagedModel
from ._shared.model_choices import STYLES, fingerprint, looked_in
from ._shared.pictures import EXAMPLES
from ._shared.saved_files import free_path, name_problem, saved_folder
from ._shared.sockets import ROOT, Model, Style, gallery, search, style_output
from ._shared.style_swatch import SIDE, paint_swatch
from ._shared.style_values import plain_style

_SWATCH_SKETCH = EXAMPLES / "drawings" / "landscape.json"


class SaveStyle(io.ComfyNode):
    """Keep a style for another day."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_SaveStyle",
            display_name="Save Style",
            category=f"{ROOT}/style",
            description="Saves a style as a small file in output/s2i_styles, where Load Style finds it.",
            is_output_node=True,
            inputs=[
                Style.Input("style", tooltip="From Encode Style or a style node."),
                io.String.Input("name", default="my style", tooltip="The file's name, without folder or ending."),
                io.Boolean.Input(
                    "overwrite",
                    default=False,
                    tooltip="Replace a style of the same name. Off: a number is added to the name.",
                ),
                Model.Input(
                    "model",
                    optional=True,
                    tooltip="With a model, a small painting in this style is saved too, to choose the style by.",
                ),
            ],
            outputs=[style_output("The same style, to go on with.")],
            **search("export", "preset", "style transfer"),
        )

    @classmethod
    def validate_inputs(cls, name: str | None = None) -> bool | str:
        return name_problem(name) or True

    @classmethod
    def execute(
        cls, style: StyleCode, name: str, overwrite: bool, model: ManagedModel | None = None
    ) -> io.NodeOutput:
        path = free_path(saved_folder(STYLES), name, ".safetensors", overwrite)
        swatch = None
        if model is not None:
            drawing = Drawing.from_json(_SWATCH_SKETCH.read_text(encoding="utf-8"))
            swatch = paint_swatch(model.load(SIDE**2), plain_style(style, "Save Style"), drawing)
        plain_style(style, "Save Style").save(path, swatch)
        return io.NodeOutput(style, ui=ui.PreviewText(f"Saved as {path.name} in {path.parent}"))


NONE_YET = "(no styles saved yet)"


def _file(name: str) -> Path | None:
    found = folder_paths.get_full_path(STYLES, name)
    return Path(found) if found else None


class LoadStyle(io.ComfyNode):
    """A style that was saved."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        names = folder_paths.get_filename_list(STYLES) or [NONE_YET]
        return io.Schema(
            node_id="S2I_LoadStyle",
            display_name="Load Style",
            category=f"{ROOT}/style",
            description="Loads a style that Save Style saved. It fits the model that it was encoded with.",
            inputs=[
                gallery(
                    io.Combo.Input(
                        "name",
                        options=names,
                        default=names[0],
                        tooltip="A file in output/s2i_styles or models/s2i_styles. Press R to see new ones.",
                    ),
                    "style",
                )
            ],
            outputs=[style_output("The saved style.")],
            **search("import", "preset", "style transfer", "reference"),
        )

    @classmethod
    def validate_inputs(cls, name: str) -> bool | str:
        if _file(name) is not None:
            return True
        return f"there is no saved style {name!r}: save one with Save Style, or put the file into {looked_in(STYLES)}"

    @classmethod
    def fingerprint_inputs(cls, name: str) -> tuple:
        return fingerprint(_file(name))

    @classmethod
    def execute(cls, name: str) -> io.NodeOutput:
        style = StyleCode.load(_file(name))
        return io.NodeOutput(style.to(comfy.model_management.intermediate_device()))
