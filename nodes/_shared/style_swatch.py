"""A small picture in a style's file: a standard sketch painted in it, so that one can choose by eye. It is made by the
model from the style alone and holds no pixel of the reference."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from ...s2i.imaging.pixels.layouts import image_to_uint8
from ...s2i.imaging.strokes.drawing import Drawing

if TYPE_CHECKING:
    from ...s2i.codes.style import StyleCode
    from ...s2i.pipeline import SketchToImage

SIDE = 160
_SEED = 0


def paint_swatch(model: SketchToImage, style: StyleCode, sketch: Drawing) -> str:
    """-> a JPEG of SIDE² pixels as base64: `sketch` in the first style of the batch."""
    from PIL import Image

    ink = sketch.render(2 * SIDE, 2 * SIDE)
    draft = model.decode(model.encode_content(ink), style[0], seed=_SEED)
    image = model.draw_lines(model.refine(draft, ink, style[0], seed=_SEED), ink, 0.4)
    file = io.BytesIO()
    Image.fromarray(image_to_uint8(image)).resize((SIDE, SIDE), Image.LANCZOS).save(file, "JPEG", quality=80)
    return base64.b64encode(file.getvalue()).decode()
