"""Styles kept for another day."""

from __future__ import annotations

import re
from pathlib import Path

import comfy.model_management
import folder_paths
from comfy_api.latest import io, ui

from ..s2i.style import StyleCode
from ._shared.model_files import STYLES, fingerprint, looked_in, saved_styles_folder
from ._shared.sockets import ROOT, Style, search, style_output
from ._shared.style_values import plain_style

_NAME = re.compile(r"[\w][\w .()-]{0,99}")
_LONGEST = 200  # bytes; file systems end at 255, and an ending and a number are added


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
            ],
            outputs=[style_output("The same style, to go on with.")],
            **search("export", "preset"),
        )

    @classmethod
    def validate_inputs(cls, name: str | None = None) -> bool | str:
        if name is None or (_NAME.fullmatch(name.strip()) and len(name.strip().encode()) <= _LONGEST):
            return True
        return f"the name {name!r} must be of at most 100 letters, digits, spaces, dots and dashes, without a folder"

    @classmethod
    def execute(cls, style: StyleCode, name: str, overwrite: bool) -> io.NodeOutput:
        if (problem := cls.validate_inputs(name)) is not True:
            raise ValueError(problem)
        folder, name = Path(saved_styles_folder()), name.strip()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.safetensors"
        number = 2
        while path.exists() and not overwrite:
            path = folder / f"{name} {number}.safetensors"
            number += 1
        plain_style(style, "Save Style").save(path)
        return io.NodeOutput(style, ui=ui.PreviewText(f"Saved as {path.name} in {folder}"))


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
