"""`python -m tools.make_clip`: draw art/clips/bird.webp, a bird that crosses a still landscape, frame by frame."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from s2i.imaging.strokes.drawing import Drawing

ART = Path(__file__).parents[1] / "art"
FRAMES, SIDE = 8, 384
# In tenths of a pixel of a frame of 512.
BIRD = [{"s": 26, "p": [0, 0, 90, -70, 70, 70, 70, -70, 90, 70]}]


def _moved(strokes: list[dict], x: float, y: float) -> list[dict]:
    return [{**s, "p": [round(x) + s["p"][0], round(y) + s["p"][1], *s["p"][2:]]} for s in strokes]


def main() -> None:
    scene = json.loads((ART / "drawings" / "landscape.json").read_text())
    pictures = []
    for i in range(FRAMES):
        t = i / (FRAMES - 1)
        strokes = scene["strokes"] + _moved(BIRD, 600 + 3400 * t, 900 - 300 * np.sin(np.pi * t))
        drawing = Drawing.from_json(json.dumps({**scene, "strokes": strokes}))
        ink = drawing.render(SIDE, SIDE)[0, 0].numpy()
        pictures.append(Image.fromarray(((1 - ink) * 255).round().astype(np.uint8)).convert("RGB"))
    target = ART / "clips" / "bird.webp"
    target.parent.mkdir(exist_ok=True)
    pictures[0].save(target, save_all=True, append_images=pictures[1:], duration=160, loop=0, lossless=True, method=6)
    print(f"{target}: {len(pictures)} frames, {target.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
