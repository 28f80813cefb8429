"""Picture files in and out, as images or as ink."""

from __future__ import annotations

import io
import os
from pathlib import Path

import torch
from torch import Tensor

from ...errors import S2IError
from ...machine.atomic_file import atomic_file
from ...machine.write_error import write_error
from ..ink.drawing_ink import NoInkError, has_lines, layer_to_ink
from ..pixels.layouts import image_to_uint8, over_white
from .decoding import decode, decode_stream


def load_image(path: str | os.PathLike[str], at_least: int | None = None) -> Tensor:
    """Any picture file -> (1,3,H,W) in [-1,1]; transparency shows white paper. Raises `S2IError` naming the file.

    at_least: the short side that is needed; a very large file may come smaller than it is, see `decode`.
    """
    return over_white(*decode(path, at_least)).contiguous() * 2 - 1


def load_reference(path: str | os.PathLike[str], at_least: int | None = None) -> tuple[Tensor, Tensor | None]:
    """A reference -> image (1,3,H,W) in [-1,1], and how much of each pixel there is, (1,1,H,W) in [0,1]: the mask for
    `encode_style`, as what is transparent has no style. None where all is opaque. Raises `S2IError` where nothing is.
    """
    colour, alpha = decode(path, at_least)
    if alpha is None or float(alpha.min()) >= 1:
        return colour * 2 - 1, None
    if not float(alpha.max()) > 0:
        raise S2IError(f"{path} is all transparent: there is no style to be seen in it")
    mean = (colour * alpha).sum((2, 3), keepdim=True) / alpha.sum((2, 3), keepdim=True)
    return torch.where(alpha > 0, colour, mean) * 2 - 1, alpha  # colours that hide there bleed into no edge


def load_alpha(path: str | os.PathLike[str], at_least: int | None = None) -> Tensor | None:
    """(1,1,H,W) in [0,1], 1 = opaque; None where the file has no transparency."""
    return decode(path, at_least)[1]


def load_ink(path: str | os.PathLike[str], polarity: str = "auto", at_least: int | None = None) -> Tensor:
    """A drawing, a scan of one or a transparent layer -> ink (1,1,H,W); see `layer_to_ink`. Raises `NoInkError`."""
    return _ink(*decode(path, at_least), str(path), polarity)


def ink_from_bytes(data: bytes, name: str, polarity: str = "auto", at_least: int | None = None) -> Tensor:
    """The bytes of a drawing's file -> ink, as `load_ink`; name: what errors call it."""
    if not data:
        raise S2IError(f"{name} is empty (0 bytes)")
    return _ink(*decode_stream(io.BytesIO(data), name, at_least), name, polarity)


def _ink(colour: Tensor, alpha: Tensor | None, name: str, polarity: str) -> Tensor:
    if not has_lines(colour, alpha):
        raise NoInkError(f"{name} has no lines: it is one flat tone, or all transparent")
    return layer_to_ink(colour, alpha, polarity)


def save_image(image: Tensor, path: str | os.PathLike[str], alpha: Tensor | None = None) -> None:
    """Write (3,H,W) or (1,3,H,W) in [-1,1], whole or not at all; the suffix names the format."""
    from PIL import Image

    path = Path(path)
    if not torch.isfinite(image).all():
        raise S2IError(f"{path} is not written: the picture holds NaN or infinite values, so the model is broken")
    data = image_to_uint8(image)
    if alpha is not None:
        import numpy as np

        data = np.concatenate([data, image_to_uint8(alpha.reshape(1, 1, *alpha.shape[-2:]) * 2 - 1)[..., :1]], -1)
    try:
        with atomic_file(path) as temporary:
            Image.fromarray(data).save(temporary, quality=95)
    except (OSError, ValueError, KeyError) as error:
        raise write_error(path, error) from None
