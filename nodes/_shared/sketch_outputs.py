"""What the sketch nodes have in common: the lines as picture and as mask, shown on the node."""

from __future__ import annotations

from typing import Any

import comfy.model_management
import torch
from comfy_api.latest import io, ui
from torch import Tensor

from ...s2i.imaging.pixels.layouts import ink_to_comfy

SHOWN = 16  # pictures on the node; writing more of them would only take time


def light_on_dark_input() -> Any:
    return io.Boolean.Input(
        "light_on_dark",
        default=False,
        tooltip="White lines on black, as ControlNet models expect them. Off: black lines on white paper.",
    )


def sketch_schema_outputs() -> list[Any]:
    return [
        io.Image.Output("sketch_out", display_name="sketch", tooltip="The lines, at the size of the input."),
        io.Mask.Output("ink", display_name="ink", tooltip="The lines as a mask: 1 where there is ink, 0 on paper."),
    ]


def sketch_output(ink: Tensor, light_on_dark: bool, cls: type[io.ComfyNode]) -> io.NodeOutput:
    """ink (B,1,H,W) -> the node's outputs, with previews."""
    picture = ink_to_comfy(ink)
    if light_on_dark:
        picture = 1 - picture
    shown: list[Any] = []
    for i in range(min(len(picture), SHOWN)):
        comfy.model_management.throw_exception_if_processing_interrupted()
        shown += ui.PreviewImage(picture[i : i + 1], cls=cls).values
    return io.NodeOutput(picture, ink[:, 0].float(), ui=ui.SavedImages(shown))


def preview_ink(ink: Tensor) -> Any:
    """The last of these sketches as a small picture for a live preview."""
    return preview_picture(1 - 2 * ink[-1:].expand(-1, 3, -1, -1).float())


def preview_picture(image: Tensor) -> Any:
    """image (B,3,H,W) in [-1,1] -> its last picture, small enough to be sent at once."""
    from PIL import Image

    from ...s2i.imaging.pixels.layouts import image_to_uint8
    from ...s2i.imaging.pixels.sizes import resize_area

    side = max(image.shape[-2:])
    step = min(1.0, 512 / side)
    size = tuple(max(1, round(s * step)) for s in image.shape[-2:])
    with torch.inference_mode():
        return Image.fromarray(image_to_uint8(resize_area(image[-1:].float(), size)))
