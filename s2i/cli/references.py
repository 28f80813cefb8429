"""References on the command line: a picture or a saved style becomes a style, and a picture to know it by."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..codes import style_file
from ..codes.style import StyleCode
from ..errors import S2IError
from ..imaging.files.decoding import decode_stream
from ..imaging.files.picture_files import load_image, load_reference
from ..imaging.pixels.sizes import resize_area

if TYPE_CHECKING:
    from ..pipeline import SketchToImage

REFERENCE_SIDE = 1024  # more of a reference than a style is read from


def read_style(model: SketchToImage, path: Path, mask: Tensor | None = None) -> StyleCode:
    """The style of a picture's opaque part, and of that of it which a mask (1,1,H,W), 1 = use, leaves; or the one that
    a .safetensors file keeps. Raises `S2IError` for a mask where there is no picture."""
    if path.suffix.lower() == style_file.SUFFIX:
        if mask is not None:
            raise S2IError(f"--mask needs a picture, and {path} is a saved style: leave it out")
        style = StyleCode.load(path)
        style_file.require_one(path, style.batch)
        return style
    image, opaque = load_reference(path, REFERENCE_SIDE)
    if mask is not None and opaque is not None:
        mask = resize_area(mask, tuple(opaque.shape[-2:])) * opaque
    return model.encode_style(image, opaque if mask is None else mask)


def reference_picture(path: Path, style: StyleCode, side: int) -> Tensor:
    """What a sheet shows of a reference, (1,3,H,W): the picture itself; of a saved style its swatch, or, where it was
    kept without one, its colours from dark to light."""
    if path.suffix.lower() != style_file.SUFFIX:
        return load_image(path, max(REFERENCE_SIDE, side))
    swatch = style_file.read_swatch(path)
    if swatch is not None:
        return decode_stream(io.BytesIO(swatch), f"the swatch of {path}")[0] * 2 - 1
    return _colours(style, side)


def _colours(style: StyleCode, side: int) -> Tensor:
    """Along the axis in which the style's colours differ most, two deviations to either side of their mean."""
    if style.palette_mean is None:
        return torch.ones(1, 3, side, side)
    deviations, axes = torch.linalg.eigh(style.palette_root[0].float())
    step = deviations[-1] * axes[:, -1]
    places = torch.linspace(-2, 2, side) * step.sum().sign()
    colours = style.palette_mean[0].float()[:, None] + step[:, None] * places
    return colours.clamp(-1, 1)[None, :, None].expand(1, 3, side, side)
