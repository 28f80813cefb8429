"""`python -m tools.make_banner`: docs/banner.jpg for the registry, 21:9: drawings and what the bundled model makes of
them after references of art/."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from s2i.imaging.files.picture_files import load_image, load_ink
from s2i.imaging.pixels.layouts import image_to_uint8, ink_to_comfy
from s2i.imaging.pixels.sizes import resize_area
from s2i.pipeline import SketchToImage

ROOT = Path(__file__).parents[1]
PAIRS = (("horse", "coast"), ("house", "dusk"), ("elephant", "carnival"))
SIDE, HEIGHT, WIDTH = 420, 540, 1260


def main() -> None:
    model = SketchToImage.from_pretrained()
    sheet = np.full((HEIGHT, WIDTH, 3), 250, np.uint8)
    for i, (sketch, reference) in enumerate(PAIRS):
        ink = load_ink(ROOT / f"art/sketches/{sketch}.png")
        painted = model(ink, load_image(ROOT / f"art/references/{reference}.jpg"), seed=1, line_opacity=0.4)
        drawn = ink_to_comfy(ink).permute(0, 3, 1, 2) * 2 - 1
        h, w = (round(SIDE * s / max(ink.shape[-2:])) for s in ink.shape[-2:])
        both = [image_to_uint8(resize_area(x.float(), (h, w))) for x in (drawn, painted)]
        # The drawing turns into the painting along a slanted edge.
        edge = (np.arange(w)[None] + 0.25 * (np.arange(h)[:, None] - h / 2) > 0.42 * w)[..., None]
        tile = np.where(edge, both[1], both[0])
        top, left = (HEIGHT - h) // 2, i * SIDE + (SIDE - w) // 2
        sheet[top : top + h, left : left + w] = tile
    Image.fromarray(sheet).save(ROOT / "docs" / "banner.jpg", quality=88)


if __name__ == "__main__":
    with torch.inference_mode():
        main()
