"""Colour hints from a picture."""

from __future__ import annotations

import torch
from comfy_api.latest import io, ui

from ..s2i.errors import S2IError
from ..s2i.imaging.hints.hint_layer import hints_from_layer, show_hints
from ..s2i.imaging.pixels.layouts import comfy_to_image, image_to_comfy
from ._shared.batches import check_picture, mask_tensor
from ._shared.sockets import ROOT, Hints, search


class ColourHints(io.ComfyNode):
    """Dabs on a transparent layer, made in any painting program."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_ColourHints",
            display_name="Colour Hints",
            category=f"{ROOT}/sketch",
            description="Takes hints of colour from a picture: dabs on a transparent layer, or on white. Where a dab "
            "lies in the sketch, its region takes that colour.",
            inputs=[
                io.Image.Input("image", tooltip="Dabs of colour in the sketch's proportions, of any size."),
                io.Mask.Input(
                    "mask", optional=True,
                    tooltip="Load Image's mask, which holds the layer's transparency. Without one, white is blank.",
                ),
            ],
            outputs=[Hints.Output("hints", display_name="hints", tooltip="For a hints input.")],
            **search("colorize", "coloring", "scribble", "dab", "flats", "palette"),
        )  # fmt: skip

    @classmethod
    def execute(cls, image: torch.Tensor, mask: torch.Tensor | None = None) -> io.NodeOutput:
        check_picture(image, "image")
        colour, alpha = comfy_to_image(image[..., :3], "image")[0], image[..., 3:].permute(0, 3, 1, 2)
        if mask is not None and float(mask.amax()) > 0:
            alpha = 1 - mask_tensor(mask, "mask")
            if alpha.shape[-2:] != colour.shape[-2:]:
                raise S2IError(f"the mask {tuple(mask.shape)} does not fit the picture {tuple(image.shape)}")
        hints = hints_from_layer(colour, alpha if alpha.numel() else None)
        return io.NodeOutput(hints, ui=ui.PreviewImage(image_to_comfy(show_hints(hints)), cls=cls))
