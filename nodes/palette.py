"""Palettes: found in a picture, edited and locked, kept as files, given to a style."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import folder_paths
import torch
from comfy_api.latest import io, ui

from ..s2i.codes.style import StyleCode
from ..s2i.errors import S2IError
from ..s2i.imaging.palettes.colour_palette import Palette, find_palette, load_palette, parse_palette, save_palette
from ..s2i.imaging.pixels.layouts import image_to_comfy
from ._shared.batches import check_picture, image_part
from ._shared.model_choices import PALETTES, fingerprint, looked_in
from ._shared.saved_files import free_path, name_problem, saved_folder
from ._shared.sockets import ROOT, Style, search, style_output
from ._shared.sockets import Palette as PaletteSocket
from ._shared.style_values import plain_style

_WORDS = ("palette", "colors", "swatch", "recolor", "colorize", "coloring")
NONE_YET = "(no palettes saved yet)"


class MakePalette(io.ComfyNode):
    """The main colours of a picture, or those that one writes."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        colours = io.String.Input(
            "colours", default="",
            tooltip="The palette: #2b1d14 30%, #c8553d! 70%. With a picture, only colours locked by ! are kept and the "
            "others are found in it; without one, all are taken as they stand.",
        )  # fmt: skip
        # The front end shows swatches with locks; the value stays a text that can be linked or sent by API.
        colours.extra_dict["widgetType"] = "S2I_SWATCHES"
        return io.Schema(
            node_id="S2I_Palette",
            display_name="Palette",
            category=f"{ROOT}/palette",
            description="Finds the main colours of a picture. Click a swatch to change it and its lock to keep it.",
            inputs=[
                io.Image.Input("image", optional=True, tooltip="The picture whose colours are wanted."),
                io.Int.Input("count", default=6, min=2, max=16, tooltip="How many colours are found."),
                colours,
            ],
            outputs=[
                PaletteSocket.Output("palette_out", display_name="palette", tooltip="To Apply Palette."),
                io.Image.Output("swatch", display_name="swatch", tooltip="The colours, each as wide as its share."),
            ],
            **search(*_WORDS),
        )

    @classmethod
    def execute(cls, count: int, colours: str, image: torch.Tensor | None = None) -> io.NodeOutput:
        palette = parse_palette(colours) if colours.strip() else None
        if image is not None:
            picture = image_part(check_picture(image, "image"), slice(0, 1), "image")
            palette = find_palette(picture, count, palette)
        if palette is None:
            raise S2IError("a palette needs a picture or colours: connect an image, or write colours such as #2b1d14")
        return io.NodeOutput(palette, image_to_comfy(palette.swatch()), ui={"palette": [palette.text()]})


class ApplyPalette(io.ComfyNode):
    """The same brushwork in other colours."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_ApplyPalette",
            display_name="Apply Palette",
            category=f"{ROOT}/palette",
            description="Gives a style other colours: the painting keeps its brushwork and its light and shade, in the "
            "palette's colours.",
            inputs=[
                Style.Input("style", tooltip="The style whose brushwork is kept."),
                PaletteSocket.Input("palette", tooltip="From Palette or Load Palette."),
                io.Float.Input(
                    "amount", default=1.0, min=0.0, max=1.0, step=0.05,
                    tooltip="0 keeps the style's own colours, 1 takes the palette's.",
                ),
            ],
            outputs=[style_output("The style in these colours.")],
            **search(*_WORDS, "style transfer"),
        )  # fmt: skip

    @classmethod
    def execute(cls, style: StyleCode, palette: Palette, amount: float) -> io.NodeOutput:
        own = plain_style(style, "Apply Palette")
        mean, root = (x.to(own.vectors).expand(own.batch, *x.shape[1:]) for x in palette.moments())
        other = replace(own, palette_mean=mean, palette_root=root)
        # Only the colours are blended: the two styles share all else.
        return io.NodeOutput(own.mix(own.lerp(other, amount), ["palette"]))


class SavePalette(io.ComfyNode):
    """Keep a palette for another day, in the form that painting programs read."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_SavePalette",
            display_name="Save Palette",
            category=f"{ROOT}/palette",
            description="Saves a palette as a GIMP palette (.gpl) in output/s2i_palettes, where Load Palette finds it.",
            is_output_node=True,
            inputs=[
                PaletteSocket.Input("palette", tooltip="From Palette."),
                io.String.Input("name", default="my palette", tooltip="The file's name, without folder or ending."),
                io.Boolean.Input(
                    "overwrite", default=False,
                    tooltip="Replace a palette of the same name. Off: a number is added to the name.",
                ),
            ],
            outputs=[PaletteSocket.Output("palette_out", display_name="palette", tooltip="The same palette.")],
            **search(*_WORDS, "gpl", "export"),
        )  # fmt: skip

    @classmethod
    def validate_inputs(cls, name: str | None = None) -> bool | str:
        return name_problem(name) or True

    @classmethod
    def execute(cls, palette: Palette, name: str, overwrite: bool) -> io.NodeOutput:
        path = free_path(saved_folder(PALETTES), name, ".gpl", overwrite)
        save_palette(palette, path)
        return io.NodeOutput(palette, ui=ui.PreviewText(f"Saved as {path.name} in {path.parent}"))


class LoadPalette(io.ComfyNode):
    """A palette that was saved, or any GIMP palette."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        names = folder_paths.get_filename_list(PALETTES) or [NONE_YET]
        return io.Schema(
            node_id="S2I_LoadPalette",
            display_name="Load Palette",
            category=f"{ROOT}/palette",
            description="Loads a palette that Save Palette saved, or any GIMP palette of up to 16 colours.",
            inputs=[
                io.Combo.Input(
                    "name", options=names, default=names[0],
                    tooltip="A file in output/s2i_palettes or models/s2i_palettes. Press R to see new ones.",
                )
            ],
            outputs=[PaletteSocket.Output("palette_out", display_name="palette", tooltip="The saved palette.")],
            **search(*_WORDS, "gpl", "import"),
        )  # fmt: skip

    @classmethod
    def _file(cls, name: str) -> Path | None:
        found = folder_paths.get_full_path(PALETTES, name)
        return Path(found) if found else None

    @classmethod
    def validate_inputs(cls, name: str) -> bool | str:
        if cls._file(name) is not None:
            return True
        return f"there is no saved palette {name!r}: save one with Save Palette, or put it into {looked_in(PALETTES)}"

    @classmethod
    def fingerprint_inputs(cls, name: str) -> tuple:
        return fingerprint(cls._file(name))

    @classmethod
    def execute(cls, name: str) -> io.NodeOutput:
        return io.NodeOutput(load_palette(cls._file(name)))
