"""OpenRaster: a picture of layers that painting programs open. A zip of PNGs with a list of them.

The format is freedesktop.org's (openraster.org, version 0.0.5): `mimetype` first and uncompressed, `stack.xml` with the
layers from top to bottom, `mergedimage.png` at full size and a thumbnail of at most 256 pixels.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from ...errors import S2IError
from ...machine.atomic_file import atomic_file

if TYPE_CHECKING:
    import numpy as np

_VERSION, _THUMBNAIL = "0.0.5", 256
NORMAL, MULTIPLY = "svg:src-over", "svg:multiply"


@dataclass(frozen=True)
class Layer:
    """pixels (H,W,3 or 4) uint8, all layers of one size. blend: NORMAL or MULTIPLY."""

    name: str
    pixels: np.ndarray
    blend: str = NORMAL
    opacity: float = 1.0
    visible: bool = True


def write_open_raster(path: str | os.PathLike[str], layers: Sequence[Layer], merged: np.ndarray) -> None:
    """layers: from the bottom up. merged (H,W,3) uint8: the picture they give. Raises `S2IError` if sizes differ."""
    from PIL import Image

    height, width = merged.shape[:2]
    for layer in layers:
        if layer.pixels.shape[:2] != (height, width):
            found = f"{layer.pixels.shape[1]}x{layer.pixels.shape[0]}"
            raise S2IError(f"the layer {layer.name!r} is {found} pixels and the picture {width}x{height}")
    small = Image.fromarray(merged)
    small.thumbnail((_THUMBNAIL, _THUMBNAIL), Image.LANCZOS)
    with atomic_file(Path(path)) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", _stack(layers, width, height), zipfile.ZIP_DEFLATED)
        for i, layer in enumerate(layers):
            archive.writestr(_file(i), _png(Image.fromarray(layer.pixels)))
        archive.writestr("mergedimage.png", _png(Image.fromarray(merged)))
        archive.writestr("Thumbnails/thumbnail.png", _png(small))


def _file(number: int) -> str:
    return f"data/layer{number}.png"


def _stack(layers: Sequence[Layer], width: int, height: int) -> str:
    rows = []
    for i, layer in reversed(list(enumerate(layers))):
        shown = "visible" if layer.visible else "hidden"
        rows.append(
            f'    <layer name={quoteattr(layer.name)} src="{_file(i)}" x="0" y="0" opacity="{layer.opacity:g}" '
            f'visibility="{shown}" composite-op="{layer.blend}"/>'
        )
    head = f'<image version="{_VERSION}" w="{width}" h="{height}" xres="72" yres="72">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, "  <stack>", *rows, "  </stack>", "</image>\n"])


def _png(picture: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
