"""Picture files in and out with Pillow alone."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np

from ..errors import S2IError
from ..imaging.files.open_picture import open_picture
from ..imaging.files.sample_depth import full_scale
from ..imaging.pixels.side_limits import MAX_SIDE, MIN_SIDE
from ..machine.atomic_file import atomic_file
from ..machine.memory import require_memory
from ..machine.write_error import write_error

_READING = 40  # bytes of memory a pixel: the picture, turned, its floats, and these in another order


def read(path: str | os.PathLike[str]) -> tuple[np.ndarray, np.ndarray | None]:
    """-> colour (1,3,H,W) and alpha (1,1,H,W) or None, float32 in [0,1], upright. Raises `S2IError` naming the file."""
    from PIL import ImageOps

    path = Path(path)
    if not path.is_file():
        raise S2IError(f"{path}: no such picture")
    try:
        with warnings.catch_warnings(), open_picture(path) as picture:
            warnings.simplefilter("ignore")
            w, h = picture.size
            if max(w, h) > MAX_SIDE or min(w, h) < MIN_SIDE:
                raise S2IError(f"{path} is {w}x{h} pixels; each side must be {MIN_SIDE} to {MAX_SIDE}: resize it")
            require_memory(w * h * _READING, f"{path} has {w}x{h} pixels; reading it", "resize it")
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


def read_reference(path: str | os.PathLike[str]) -> tuple[np.ndarray, np.ndarray | None]:
    """The twin of `files.picture_files.load_reference`: image (1,3,H,W) in [-1,1], and its opaque part or None."""
    colour, alpha = read(path)
    if alpha is None or alpha.min() >= 1:
        return colour * 2 - 1, None
    if not alpha.max() > 0:
        raise S2IError(f"{path} is all transparent: there is no style to be seen in it")
    mean = (colour * alpha).sum((2, 3), keepdims=True) / alpha.sum((2, 3), keepdims=True)
    return np.where(alpha > 0, colour, mean) * 2 - 1, alpha


def save(image: np.ndarray, path: str | os.PathLike[str]) -> None:
    """Write (1,3,H,W) in [-1,1], whole or not at all; the suffix names the format."""
    from PIL import Image

    data = ((image[0] * 0.5 + 0.5).clip(0, 1) * 255).round().astype(np.uint8).transpose(1, 2, 0)
    try:
        with atomic_file(path) as temporary:
            Image.fromarray(np.ascontiguousarray(data)).save(temporary, quality=95)
    except (OSError, ValueError, KeyError) as error:
        raise write_error(Path(path), error) from None
