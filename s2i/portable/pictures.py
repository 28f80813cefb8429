"""Picture files in and out with Pillow alone."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np

from ..errors import S2IError
from ..imaging.open_picture import open_picture
from ..imaging.sample_depth import full_scale
from ..machine.atomic_file import atomic_file

_SIDES = (16, 16384)


def read(path: str | os.PathLike[str]) -> tuple[np.ndarray, np.ndarray | None]:
    """-> colour (1,3,H,W) and alpha (1,1,H,W) or None, float32 in [0,1], upright. Raises `S2IError` naming the file."""
    from PIL import ImageOps

    path = Path(path)
    if not path.is_file():
        raise S2IError(f"{path}: no such picture")
    try:
        with warnings.catch_warnings(), open_picture(path) as picture:
            warnings.simplefilter("ignore")
            if not all(_SIDES[0] <= side <= _SIDES[1] for side in picture.size):
                raise S2IError(f"{path} is {picture.width}x{picture.height} pixels; each side must be 16 to 16384")
            picture = ImageOps.exif_transpose(picture)
            if picture.mode.startswith(("I", "F")):
                values = np.asarray(picture).astype(np.float32) / full_scale(picture, str(path))
                return np.repeat(values.clip(0, 1)[None, None], 3, 1), None
            layered = picture.has_transparency_data
            data = np.asarray(picture.convert("RGBA" if layered else "RGB")).astype(np.float32) / 255
    except S2IError:
        raise
    except Exception as error:  # decoders fail on damage with whatever their parsers raise
        reason = str(error).split("\n")[0] or type(error).__name__
        raise S2IError(f"{path} cannot be decoded ({reason}): it is damaged, or no picture") from None
    data = data.transpose(2, 0, 1)[None]
    return np.ascontiguousarray(data[:, :3]), np.ascontiguousarray(data[:, 3:]) if layered else None


def save(image: np.ndarray, path: str | os.PathLike[str]) -> None:
    """Write (1,3,H,W) in [-1,1], whole or not at all; the suffix names the format."""
    from PIL import Image

    data = ((image[0] * 0.5 + 0.5).clip(0, 1) * 255).round().astype(np.uint8).transpose(1, 2, 0)
    try:
        with atomic_file(path) as temporary:
            Image.fromarray(np.ascontiguousarray(data)).save(temporary, quality=95)
    except (OSError, ValueError, KeyError) as error:
        raise S2IError(f"cannot write {path} ({error}): use a folder that exists and a name ending in .png") from None
