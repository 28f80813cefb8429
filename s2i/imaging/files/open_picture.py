"""The one place that opens pictures: only formats whose decoders do nothing but decode."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

# Pillow knows sixty formats, and an EPS called .png would start a PostScript interpreter.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")


@contextmanager
def open_picture(source: str | os.PathLike[str] | IO[bytes]) -> Iterator[Picture]:
    """A file or its bytes -> Pillow's picture, not yet decoded. Raises what Pillow raises.

    By file object: Pillow maps a file that it opens by name, reads turned TIFFs wrongly from the map, and dies of a bus
    error where the file is cut while it is mapped.
    """
    from PIL import Image

    Image.init()
    # A name that this Pillow was built without is a KeyError.
    formats = [name for name in FORMATS if name in Image.OPEN]
    if hasattr(source, "read"):
        with Image.open(source, formats=formats) as picture:
            yield picture
    else:
        with open(source, "rb") as file, Image.open(file, formats=formats) as picture:
            yield picture
