"""What most workflows begin and end with."""

from __future__ import annotations

from pathlib import Path

from tools.workflows.graphs import Graph, Output

EXAMPLES = Path(__file__).parents[2] / "art"


def load_model(g: Graph) -> Output:
    # The bundled model is part of the pack: nothing to download.
    return g.add("S2I_LoadModel", 0, models=[])


def sketch_picture(g: Graph, name: str) -> Output:
    return g.add("S2I_ExamplePicture", 0, title="Sketch", picture=f"sketches/{name}.png")


def reference_picture(g: Graph, name: str, title: str = "Reference") -> Output:
    return g.add("S2I_ExamplePicture", 0, title=title, picture=f"references/{name}.jpg")


def save_picture(g: Graph, image: Output, column: int, name: str) -> Output:
    return g.add("SaveImage", column, images=image, filename_prefix=f"sketch-to-image/{name}", tall=420)
