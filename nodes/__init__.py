"""The pack's nodes. A node is a schema and one call into s2i; this is the only folder that knows ComfyUI."""

from __future__ import annotations

import logging
from importlib import import_module

from comfy_api.latest import ComfyExtension, io

# File and class of every node, in the order of the README's table.
NODES = (
    ("load", "LoadModel"),
    ("load", "LoadModelFromHub"),
    ("tune", "TuneStyle"),
    ("load", "ExamplePicture"),
    ("sketch_pad", "SketchPad"),
    ("hints", "ColourHints"),
    ("sketch", "PrepareSketch"),
    ("sketch", "ExtractSketch"),
    ("sketch", "XDoG"),
    ("sketch", "Canny"),
    ("paint", "SketchToImage"),
    ("paint", "StyleTransfer"),
    ("sheet", "StyleGrid"),
    ("layers", "OverlayLines"),
    ("layers", "ExportLayers"),
    ("encode", "EncodeContent"),
    ("encode", "EncodeStyle"),
    ("decode", "Decode"),
    ("decode", "Refine"),
    ("style_mixing", "MixStyles"),
    ("style_mixing", "InterpolateStyles"),
    ("style_mixing", "SwapStyleScales"),
    ("style_mixing", "RegionalStyles"),
    ("character", "CharacterStyle"),
    ("palette", "MakePalette"),
    ("palette", "ApplyPalette"),
    ("palette", "SavePalette"),
    ("palette", "LoadPalette"),
    ("style_files", "SaveStyle"),
    ("style_files", "LoadStyle"),
)


class _Pack(ComfyExtension):
    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        try:
            return [getattr(import_module(f".{file}", __name__), name) for file, name in NODES]
        except Exception:
            # ComfyUI reports one line without a traceback.
            logging.getLogger(__name__).exception("sketch-to-image: the nodes could not be loaded")
            raise


def extension() -> ComfyExtension:
    from ._shared.model_choices import register_folders
    from ._shared.pictures import serve_pictures

    register_folders()
    serve_pictures()
    return _Pack()
