"""References on the command line: a file becomes a style."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from ..codes.style import StyleCode
from ..errors import S2IError
from ..imaging.picture_files import load_reference
from ..imaging.sizes import resize_area

if TYPE_CHECKING:
    from ..pipeline import SketchToImage

REFERENCE_SIDE = 1024  # more of a reference than a style is read from


def read_style(model: SketchToImage, path: Path, mask: Tensor | None = None) -> StyleCode:
    """The style of a picture's opaque part, and of that of it which a mask (1,1,H,W), 1 = use, leaves; or the one that
    a .safetensors file keeps. Raises `S2IError` for a mask where there is no picture."""
    if path.suffix.lower() == ".safetensors":
        if mask is not None:
            raise S2IError(f"--mask needs a picture, and {path} is a saved style: leave it out")
        return StyleCode.load(path)
    image, opaque = load_reference(path, REFERENCE_SIDE)
    if mask is not None and opaque is not None:
        mask = resize_area(mask, tuple(opaque.shape[-2:])) * opaque
    return model.encode_style(image, opaque if mask is None else mask)
