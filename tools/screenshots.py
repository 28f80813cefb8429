"""The README's pictures of the pack in ComfyUI, made anew from whatever model is bundled.

    python -m tools.screenshots [--url http://127.0.0.1:8188]

Runs workflows in real ComfyUI, in a real browser, and writes docs/comfyui.jpg (a graph and its painted result),
docs/sketch_pad.jpg (the pad and its picture) and web/docs/images/S2I_SketchPad.jpg (the pad alone, for its help page).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
from pathlib import Path

from tools.desk import Desk, desk, missing

ROOT = Path(__file__).parents[1]
GRAPH, PAD = "colour-a-sketch", "draw-and-paint"
LARGEST = 400_000  # bytes


def _run(table: Desk, name: str) -> None:
    workflow = json.loads((ROOT / "workflows" / f"{name}.json").read_text())
    # The result is what the picture is about: as high as the rest of the graph.
    bottom = max(node["pos"][1] + node["size"][1] for node in workflow["nodes"])
    result = max(workflow["nodes"], key=lambda node: node["pos"][0])
    result["size"] = [max(result["size"][0], 520), bottom - result["pos"][1]]
    table.load(workflow)
    table.fit()
    table.run(seconds=300)
    table.previews()
    # Nothing selected, no messages about the run.
    table.page.evaluate("app.canvas.deselectAllNodes?.()")
    table.page.mouse.move(table.page.viewport_size["width"] / 2, table.page.viewport_size["height"] - 20)
    table.page.wait_for_timeout(8000)


def shoot(table: Desk) -> list[Path]:
    """Take all pictures at one ComfyUI; returns their paths."""
    _run(table, GRAPH)
    paths = [table.screenshot("comfyui.jpg", ROOT / "docs", clip=table.around(margin=24))]
    _run(table, PAD)
    paths.append(table.screenshot("sketch_pad.jpg", ROOT / "docs", clip=table.around(margin=24)))
    clip = table.around("S2I_SketchPad", margin=6)
    paths.append(table.screenshot("S2I_SketchPad.jpg", ROOT / "web" / "docs" / "images", clip=clip))
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", help="a running ComfyUI with the pack; otherwise one is started")
    options = parser.parse_args()
    if missing():
        raise SystemExit(missing())
    with contextlib.ExitStack() as stack:
        url = options.url
        if not url:
            from tools.comfyui import serve

            url = stack.enter_context(serve(Path(stack.enter_context(tempfile.TemporaryDirectory())))).url
        table = stack.enter_context(desk(url, size=(1500, 900), scale=1))
        for path in shoot(table):
            size = path.stat().st_size
            print(f"{path.relative_to(ROOT)}  {size / 1000:.0f} kB{'  TOO LARGE' if size > LARGEST else ''}")


if __name__ == "__main__":
    main()
