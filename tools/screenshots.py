"""The README's pictures of the pack in ComfyUI, made anew from whatever model is bundled.

    python -m tools.screenshots [PICTURE ...]

Runs workflows in real ComfyUI, in a real browser, and writes docs/comfyui.jpg (a graph and its painted result),
docs/sketch_pad.jpg (the pad and its picture), docs/app.jpg (App Mode, in the newest front end), and for help pages the
nodes that show something: S2I_SketchPad.jpg, S2I_LoadStyle.jpg and S2I_Palette.jpg in web/docs/images. Names of
pictures, such as app.jpg, take only these.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from tools.browser import missing
from tools.comfyui import serve
from tools.comfyui_client import ComfyUI
from tools.comfyui_install import front_end
from tools.desk import Desk, desk

Clip = dict[str, float]

ROOT = Path(__file__).parents[1]
GRAPH, PAD = "colour-a-sketch", "draw-and-paint"
LARGEST = 400_000  # bytes


def _run(table: Desk, name: str) -> None:
    workflow = json.loads((ROOT / "workflows" / f"{name}.json").read_text())
    # The result is what the picture is about: as high as the rest of the graph.
    bottom = max(node["pos"][1] + node["size"][1] for node in workflow["nodes"])
    result = max(workflow["nodes"], key=lambda node: node["pos"][0])
    result["size"] = [max(result["size"][0], 520), bottom - result["pos"][1]]
    table.paint(workflow)
    # Nothing selected, no messages about the run.
    table.page.evaluate("app.canvas.deselectAllNodes?.()")
    table.page.mouse.move(table.page.viewport_size["width"] / 2, table.page.viewport_size["height"] - 20)
    table.page.wait_for_timeout(8000)


def _graph(table: Desk, _: ComfyUI) -> Clip:
    _run(table, GRAPH)
    return table.around(margin=24)


def _pad_and_picture(table: Desk, _: ComfyUI) -> Clip:
    _run(table, PAD)
    return table.around(margin=24)


def _pad(table: Desk, _: ComfyUI) -> Clip:
    _run(table, PAD)
    return table.around("S2I_SketchPad", margin=6)


def _palette(table: Desk, _: ComfyUI) -> Clip:
    _run(table, "another-palette")
    table.page.evaluate(
        """() => {
            const { pos } = app.graph.nodes.find((n) => n.type === "S2I_Palette"), { ds } = app.canvas;
            ds.scale = 1.5;
            [ds.offset[0], ds.offset[1]] = [400 / ds.scale - pos[0], 300 / ds.scale - pos[1]];
            app.canvas.setDirty(true, true);
        }"""
    )
    table.page.wait_for_timeout(1000)
    return table.around("S2I_Palette", margin=6)


def _saved_styles(table: Desk, server: ComfyUI) -> Clip:
    """Load Style, with a style saved for each of some references."""
    prompt = {"0": {"class_type": "S2I_LoadModel", "inputs": {"model": "art (bundled)", "precision": "float32"}}}
    for name in ("carnival", "coast", "dusk", "snow", "sunset", "sky"):
        shown = {"picture": f"references/{name}.jpg"}
        kept = {"style": [f"{name} style", 0], "name": name, "overwrite": True, "model": ["0", 0]}
        prompt[name] = {"class_type": "S2I_ExamplePicture", "inputs": shown}
        prompt[f"{name} style"] = {
            "class_type": "S2I_EncodeStyle", "inputs": {"model": ["0", 0], "reference": [name, 0]}
        }  # fmt: skip
        prompt[f"{name} saved"] = {"class_type": "S2I_SaveStyle", "inputs": kept}
    server.run(prompt)
    table.page.evaluate(
        """async () => {
            app.graph.clear();
            const node = LiteGraph.createNode("S2I_LoadStyle");
            node.size = [420, 280];
            app.graph.add(node);
            await app.refreshComboInNodes();
            node.widgets[0].value = "coast.safetensors";
        }"""
    )
    table.fit()
    table.page.wait_for_timeout(3000)
    return table.around(margin=6)


def _app(table: Desk, _: ComfyUI) -> None:
    """The main workflow as an app, with what it painted: the whole window."""
    table.load(json.loads((ROOT / "workflows" / "colour-a-sketch-app.json").read_text()))
    table.page.get_by_test_id("app-mode-widget-item").first.wait_for()
    tour = table.page.get_by_role("button", name="Skip", exact=True)
    if tour.count():
        tour.click()
    table.run(seconds=300)
    table.page.wait_for_timeout(8000)


# picture -> how the window comes to show it, and whether that needs the newest front end
PICTURES: dict[str, tuple[Callable[[Desk, ComfyUI], Clip | None], bool]] = {
    "docs/comfyui.jpg": (_graph, False),
    "docs/sketch_pad.jpg": (_pad_and_picture, False),
    "docs/app.jpg": (_app, True),
    "web/docs/images/S2I_SketchPad.jpg": (_pad, False),
    "web/docs/images/S2I_LoadStyle.jpg": (_saved_styles, False),
    "web/docs/images/S2I_Palette.jpg": (_palette, False),
}


def _shoot(paths: list[str], newest: bool) -> None:
    size = (1280, 760) if newest else (1500, 900)
    arguments = ("--front-end-root", str(front_end())) if newest else ()
    with (
        tempfile.TemporaryDirectory() as base,
        serve(Path(base), arguments=arguments) as server,
        desk(server.url, size=size, scale=1) as table,
    ):
        for name in paths:
            clip = PICTURES[name][0](table, server)
            path = ROOT / name
            length = table.screenshot(path.name, path.parent, clip=clip).stat().st_size
            print(f"{name}  {length / 1000:.0f} kB{'  TOO LARGE' if length > LARGEST else ''}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pictures", nargs="*", metavar="PICTURE", help="names of files (default: all)")
    options = parser.parse_args()
    if missing():
        raise SystemExit(missing())
    known = {Path(name).name: name for name in PICTURES}
    unknown = sorted(set(options.pictures) - known.keys())
    if unknown:
        parser.error(f"no picture is called {', '.join(unknown)}: there are {', '.join(known)}")
    wanted = [known[name] for name in options.pictures or known]
    for newest in (False, True):
        paths = [name for name in wanted if PICTURES[name][1] == newest]
        if paths:
            _shoot(paths, newest)


if __name__ == "__main__":
    main()
