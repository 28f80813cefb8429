"""Lines over the painting, and everything as layers for a painting program."""

from __future__ import annotations

from pathlib import Path

import folder_paths
import numpy as np
import torch
from comfy_api.latest import io, ui

from ..s2i.errors import S2IError
from ..s2i.imaging.files.open_raster import MULTIPLY, Layer, write_open_raster
from ..s2i.imaging.hints.hints import resize_hints
from ..s2i.imaging.ink.line_art import line_art, overlay_lines
from ..s2i.imaging.pixels.layouts import comfy_to_image
from ._shared.batches import check_picture, joint_batch, mask_tensor, paper_mask, part_of
from ._shared.each_picture import paint_each
from ._shared.sockets import ROOT, Hints, image_output, search, sketch_input, sketch_mask_input


class OverlayLines(io.ComfyNode):
    """The artist's own lines, untouched."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_OverlayLines",
            display_name="Overlay Lines",
            category=ROOT,
            description="Lays the artist's own lines over a painting, pixel for pixel: black stays black, and under "
            "white paper nothing of the painting changes.",
            inputs=[
                io.Image.Input("image", tooltip="The painting."),
                sketch_input("The drawing, of the painting's size, dark lines on light paper or on transparency."),
                io.Float.Input(
                    "opacity", default=1.0, min=0.0, max=1.0, step=0.05, tooltip="0 leaves the lines out, 1 is exact.",
                ),
                io.String.Input(
                    "colour", default="", placeholder="#2b1d14",
                    tooltip="Colour of the lines, such as #2b1d14. Empty: as they were drawn.",
                ),
                sketch_mask_input(),
            ],
            outputs=[image_output("The painting with the lines.")],
            hidden=[io.Hidden.unique_id],
            **search("lineart", "line art", "ink", "manga", "multiply", "outline"),
        )  # fmt: skip

    @classmethod
    def execute(
        cls, image: torch.Tensor, sketch: torch.Tensor, opacity: float, colour: str,
        sketch_mask: torch.Tensor | None = None,
    ) -> io.NodeOutput:  # fmt: skip
        batch = joint_batch(image=image, sketch=sketch)
        lines = _lines(check_picture(sketch, "sketch"), sketch_mask, tuple(image.shape[1:3]))

        def work(part: slice) -> torch.Tensor:
            painted = part_of(image, part)[..., :3].permute(0, 3, 1, 2)
            return overlay_lines(painted, part_of(lines, part), opacity, colour).permute(0, 2, 3, 1)

        return io.NodeOutput(
            paint_each(batch, work, node_id=cls.hidden.unique_id, pixels=image.shape[1] * image.shape[2])
        )


class ExportLayers(io.ComfyNode):
    """Paper, painting, regions, hints and lines as layers of one file."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_ExportLayers",
            display_name="Export Layers",
            category=ROOT,
            description="Saves a painting as an OpenRaster file (.ora) that Krita opens: paper, painting, "
            "regions, hints, and the artist's lines bit for bit on top.",
            is_output_node=True,
            inputs=[
                io.Image.Input("image", tooltip="The painting, without lines laid over it."),
                sketch_input("The drawing, of the painting's size."),
                io.String.Input("filename_prefix", default="sketch-to-image/layers", tooltip="Where in output/."),
                Hints.Input("hints", optional=True, tooltip="From Sketch Pad or Colour Hints: a hidden layer."),
                io.Mask.Input(
                    "regions", optional=True,
                    tooltip="Masks of regions, as a batch: each becomes a layer with that part of the painting.",
                ),
                sketch_mask_input(),
            ],
            outputs=[image_output("What the layers give, flattened.")],
            **search("krita", "gimp", "openraster", "ora", "psd", "layers", "ink", "lineart"),
        )  # fmt: skip

    @classmethod
    def execute(
        cls, image: torch.Tensor, sketch: torch.Tensor, filename_prefix: str, hints: torch.Tensor | None = None,
        regions: torch.Tensor | None = None, sketch_mask: torch.Tensor | None = None,
    ) -> io.NodeOutput:  # fmt: skip
        batch = joint_batch(image=image, sketch=sketch)
        size = tuple(image.shape[1:3])
        lines = _lines(check_picture(sketch, "sketch"), sketch_mask, size)
        masks = None if regions is None else mask_tensor(regions, "regions")
        if masks is not None and tuple(masks.shape[-2:]) != size:
            raise S2IError(f"regions are {masks.shape[-1]}x{masks.shape[-2]} pixels, the painting {size[1]}x{size[0]}")
        folder, name, counter, *_ = folder_paths.get_save_image_path(
            filename_prefix, folder_paths.get_output_directory(), size[1], size[0]
        )
        merged, saved = [], []
        for i in range(batch):
            painted, drawn = (part_of(x, slice(i, i + 1))[0] for x in (image[..., :3], lines))
            flat = overlay_lines(painted.permute(2, 0, 1)[None], drawn[None])[0].permute(1, 2, 0)
            path = Path(folder, f"{name}_{counter + i:05}_.ora")
            chosen = None if hints is None else part_of(resize_hints(hints, size), slice(i, i + 1))[0]
            write_open_raster(path, _layers(painted, drawn, chosen, masks), _bytes(flat))
            merged.append(flat)
            saved.append(path.name)
        return io.NodeOutput(torch.stack(merged), ui=ui.PreviewText(f"Saved {', '.join(saved)} in {folder}"))


def _lines(sketch: torch.Tensor, mask: torch.Tensor | None, size: tuple[int, int]) -> torch.Tensor:
    """-> line art (1 or B,3,H,W) in [0,1], dark on white, the drawing's own numbers."""
    if tuple(sketch.shape[1:3]) != size:
        raise S2IError(
            f"the sketch is {sketch.shape[2]}x{sketch.shape[1]} pixels and the picture {size[1]}x{size[0]}: lines can "
            "only be kept exactly at the picture's own size"
        )
    paper = paper_mask(mask, sketch)
    colour, alpha = sketch[..., :3].permute(0, 3, 1, 2), sketch[..., 3:].permute(0, 3, 1, 2)
    if colour.shape[1] == 1:
        colour = colour.expand(-1, 3, -1, -1)
    comfy_to_image(sketch, "sketch")  # refuses what is not finite
    return line_art(colour, 1 - paper if paper is not None else alpha if alpha.numel() else None)


def _layers(
    painted: torch.Tensor, lines: torch.Tensor, hints: torch.Tensor | None, masks: torch.Tensor | None
) -> list[Layer]:
    paint = _bytes(painted)
    layers = [Layer("paper", np.full_like(paint, 255)), Layer("painting", paint)]
    for i, mask in enumerate([] if masks is None else masks):
        alpha = _bytes(mask.permute(1, 2, 0))
        layers.append(Layer(f"region {i + 1}", np.concatenate([paint, alpha], 2)))
    if hints is not None:
        shown = torch.cat([hints[:3] * 0.5 + 0.5, hints[3:]]).permute(1, 2, 0)
        layers.append(Layer("colour hints", _bytes(shown), visible=False))
    return [*layers, Layer("lines", _bytes(lines.permute(1, 2, 0)), blend=MULTIPLY)]


def _bytes(x: torch.Tensor) -> np.ndarray:
    """(H,W,C) in [0,1] -> uint8, rounded: a drawing that was read from bytes gives the same bytes."""
    return (x.float().clamp(0, 1) * 255).round().byte().cpu().numpy()
