"""Load Style: a style that was saved."""

from __future__ import annotations

from pathlib import Path

import comfy.model_management
import folder_paths
from comfy_api.latest import io

from ..s2i.style import StyleCode
from .model_files import STYLES, fingerprint, looked_in
from .sockets import ROOT, search, style_output

NONE_YET = "(no styles saved yet)"


def _file(name: str) -> Path | None:
    found = folder_paths.get_full_path(STYLES, name)
    return Path(found) if found else None


class LoadStyle(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        names = folder_paths.get_filename_list(STYLES) or [NONE_YET]
        return io.Schema(
            node_id="S2I_LoadStyle",
            display_name="Load Style",
            category=f"{ROOT}/style",
            description="Loads a style that Save Style saved. It fits the model that it was encoded with.",
            inputs=[
                io.Combo.Input(
                    "name",
                    options=names,
                    default=names[0],
                    tooltip="A file in output/s2i_styles or models/s2i_styles. Press R to see new ones.",
                )
            ],
            outputs=[style_output("The saved style.")],
            **search("import", "preset"),
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
