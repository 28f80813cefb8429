"""The pack's nodes. A node is a schema and one call into s2i; this is the only folder that knows ComfyUI."""

from __future__ import annotations

import logging
from importlib import import_module

from comfy_api.latest import ComfyExtension, io

# File and class of every node, in the order of the README's table.
NODES = (
    ("load_model", "LoadModel"),
    ("load_model_from_hub", "LoadModelFromHub"),
    ("example_picture", "ExamplePicture"),
    ("sketch_pad", "SketchPad"),
    ("prepare_sketch", "PrepareSketch"),
    ("extract_sketch", "ExtractSketch"),
    ("xdog", "XDoG"),
    ("canny", "Canny"),
    ("sketch_to_image", "SketchToImage"),
    ("style_transfer", "StyleTransfer"),
    ("style_grid", "StyleGrid"),
    ("encode_content", "EncodeContent"),
    ("encode_style", "EncodeStyle"),
    ("decode", "Decode"),
    ("refine", "Refine"),
    ("mix_styles", "MixStyles"),
    ("interpolate_styles", "InterpolateStyles"),
    ("swap_style_scales", "SwapStyleScales"),
    ("regional_styles", "RegionalStyles"),
    ("save_style", "SaveStyle"),
    ("load_style", "LoadStyle"),
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
    from .model_files import register_folders

    register_folders()
    return _Pack()
