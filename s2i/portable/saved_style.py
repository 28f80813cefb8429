"""A style's file as an exported model takes it; the twin of `StyleCode.load` and `codes.fit.check_style`."""

from __future__ import annotations

import os

from ..codes.style_file import read_style, require_one
from ..errors import S2IError
from .painter import OnnxPainter, OnnxStyle


def load_style(model: OnnxPainter, path: str | os.PathLike[str]) -> OnnxStyle:
    """Raises `S2IError` for a file that is damaged, no style, several of them, or of another model."""
    arrays = read_style(path)
    require_one(path, len(arrays["vectors"]))
    given = {name.removeprefix("palette_"): array for name, array in arrays.items()}
    for name, array in given.items():
        shape = model.input_shape("painter", name)
        fits = array is not None and all(a == b for a, b in zip(array.shape, shape, strict=True) if isinstance(b, int))
        if not fits:
            raise S2IError(f"{path}: this style was encoded by another model: encode its reference with this one")
    return OnnxStyle(**given)
