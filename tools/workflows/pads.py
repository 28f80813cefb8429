"""What is drawn on a Sketch Pad: lines, dabs of colour, the parts of a character."""

from __future__ import annotations

import json
from typing import Any

from tools.workflows.graphs import Graph
from tools.workflows.pieces import EXAMPLES, load_model, reference_picture, save_picture

# Dabs on the landscape: meadow, tree, roof, sky. In tenths of a pixel of its frame of 512.
HINTS = [
    {"s": 380, "p": [1000, 4300, 900, 60], "c": "#7d8f3c"},
    {"s": 380, "p": [1300, 2400, 300, 40], "c": "#c9772b"},
    {"s": 280, "p": [3500, 2100, 600, 40], "c": "#a8382e"},
    {"s": 380, "p": [2000, 300, 1200, 80], "c": "#6f9fc4"},
]
_NEARER = 1.12  # how much larger things are on a character's second page
# Marks in the key colours of Character Style: red on the house's wall and roof, blue in the tree's crown.
KEYS = [
    {"s": 200, "p": [3500, 2150, 500, 0], "c": "#d03030"},
    {"s": 160, "p": [3750, 2700, 60, 0], "c": "#d03030"},
    {"s": 300, "p": [1250, 2450, 300, 40], "c": "#3050d0"},
]


def draw_and_paint(g: Graph) -> None:
    g.note("### Draw and watch it being painted\nEvery stroke is painted at once: *Live* is on above the sheet.\n\n"
           "**B** pen, **E** eraser, **C** colour, **[** **]** brush size, **Ctrl+Z** undo.")
    pad = g.add("S2I_SketchPad", 1, drawing=(EXAMPLES / "drawings" / "landscape.json").read_text(), tall=600)
    model, reference = load_model(g), reference_picture(g, "coast")
    image = g.add("S2I_SketchToImage", 2, model=model, sketch=pad, reference=reference, line_opacity=0.5)
    shown = g.add("PreviewImage", 3, images=image, tall=600)
    # A sheet and a picture to be seen, side by side.
    pad.node["properties"]["s2i_live"] = True
    for output, left, width in ((pad, 380, 480), (image, 910, 290), (shown, 1250, 480)):
        output.node["pos"][0], output.node["size"][0] = left, width


def colour_hints(g: Graph) -> None:
    g.note("### Say which colour goes where\nThe pad's drop (**C**) dabs colours: the region around a dab takes it. "
           "The eyedropper picks from the reference, **Ctrl+Z** takes back. *Colour Hints* reads dabs from a picture.")
    drawing = json.loads((EXAMPLES / "drawings" / "landscape.json").read_text())
    drawing = {**drawing, "version": 2, "strokes": drawing["strokes"] + HINTS}
    pad = g.add("S2I_SketchPad", 1, drawing=json.dumps(drawing, separators=(",", ":")), tall=600)
    model, reference = load_model(g), reference_picture(g, "coast")
    image = g.add("S2I_SketchToImage", 2, model=model, sketch=pad, reference=reference, hints=pad[2], line_opacity=0.5)
    save_picture(g, image, 3, "hints")


def character_pages(g: Graph) -> None:
    g.note("### A character over two pages\nEach part of the figure has a style and a key colour: dabs in that "
           "colour, here red for the house and blue for the tree, say where the part is on a page. The parts' styles "
           "serve every page; *Save Style* keeps them for the next day.")
    drawing = json.loads((EXAMPLES / "drawings" / "landscape.json").read_text())
    first = drawing["strokes"] + KEYS
    pages = [{**drawing, "version": 2, "strokes": s} for s in (first, _nearer(first, drawing["width"]))]
    pads = [g.add("S2I_SketchPad", 1, drawing=json.dumps(page, separators=(",", ":")), title=f"Page {i}", tall=480)
            for i, page in enumerate(pages, 1)]
    model = load_model(g)
    titles = {"sky": "Background", "sunset": "The house", "coast": "The tree"}
    rest, house, tree = (
        g.add("S2I_EncodeStyle", 2, model=model, reference=reference_picture(g, name, title))
        for name, title in titles.items()
    )
    images = []
    for i, pad in enumerate(pads):
        style = g.add("S2I_CharacterStyle", 3 + i, sketch=pad, dabs=pad[2], background=rest, part_1=house, part_2=tree)
        content = g.add("S2I_EncodeContent", 3 + i, model=model, sketch=pad)
        draft = g.add("S2I_Decode", 3 + i, model=model, content=content, style=style)
        images.append(g.add("S2I_Refine", 3 + i, model=model, draft=draft, sketch=pad, style=style, line_opacity=0.5))
    save_picture(g, g.add("ImageBatch", 5, image1=images[0], image2=images[1]), 5, "character")


def _nearer(strokes: list[dict[str, Any]], width: int) -> list[dict[str, Any]]:
    """Left is right, and seen from nearer: another page for the same things."""
    def place(x: float, i: int) -> int:
        mirrored = i % 2 == 0
        start = (4.86 if mirrored else 6) * width if i < 2 else 0  # what stays in place, in tenths of a pixel
        return round(start + (-_NEARER if mirrored else _NEARER) * (x - start))

    return [{**s, "s": round(_NEARER * s["s"]), "p": [place(x, i) for i, x in enumerate(s["p"])]} for s in strokes]
