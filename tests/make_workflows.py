"""`python -m tests.make_workflows`: write workflows/*.json from the designs, run each in real ComfyUI, and make the
thumbnails from what came out. `--json` only writes the workflows. Needs what `python -m tests.comfyui` needs."""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import uuid
from pathlib import Path
from typing import Any

from PIL import Image

from tests.bundles import stand_in
from tests.comfyui import ROOT, ComfyUI, Run, put_pack, serve
from tests.graphs import Graph, to_prompt
from tests.workflow_designs import CHECKPOINT, CONTROL, DESIGNS

FOLDER = ROOT / "workflows"
SIDE = 400  # of a thumbnail


def file_name(title: str) -> str:
    return re.sub(r"\W+", "-", title.lower())


def version() -> str:
    return re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]


def design(title: str, schemas: dict[str, Any]) -> dict[str, Any]:
    """The saved form; the same design gives the same file."""
    graph = Graph(schemas, version())
    DESIGNS[title](graph)
    workflow = graph.saved()
    workflow["id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"sketch-to-image/{file_name(title)}"))
    for node in workflow["nodes"]:
        if node["type"] == "CheckpointLoaderSimple":
            node["widgets_values"][0] = CHECKPOINT["name"]
        if node["type"] == "ControlNetLoader":
            node["widgets_values"][0] = CONTROL["name"]
    return workflow


def our_half(prompt: dict[str, Any]) -> dict[str, Any]:
    """Without the nodes that need a diffusion checkpoint, and whatever comes after them."""
    gone = {k for k, v in prompt.items() if v["class_type"] in ("CheckpointLoaderSimple", "ControlNetLoader")}
    while True:
        linked = {k: {x[0] for x in v["inputs"].values() if isinstance(x, list)} for k, v in prompt.items()}
        after = {k for k, sources in linked.items() if sources & gone}
        if after <= gone:
            return {k: v for k, v in prompt.items() if k not in gone}
        gone |= after


def result_pictures(server: ComfyUI, workflow: dict[str, Any], run: Run) -> list[Image.Image]:
    """The pictures of the last node that shows any."""
    shown = [str(n["id"]) for n in workflow["nodes"] if n["type"] in ("SaveImage", "PreviewImage")]
    last = max((n for n in shown if n in run.outputs), key=lambda n: (is_save(workflow, n), int(n)))
    return server.pictures(run, last)


def is_save(workflow: dict[str, Any], number: str) -> bool:
    return next(n["type"] for n in workflow["nodes"] if str(n["id"]) == number) == "SaveImage"


def thumbnail(pictures: list[Image.Image]) -> Image.Image:
    """One picture, or several as a mosaic."""
    columns = 1 if len(pictures) == 1 else 2 if len(pictures) <= 4 else 3
    rows = -(-len(pictures) // columns)
    side = SIDE // columns
    sheet = Image.new("RGB", (side * columns, side * rows), "white")
    for i, picture in enumerate(pictures):
        small = picture.convert("RGB")
        small.thumbnail((side, side), Image.LANCZOS)
        left, top = i % columns * side, i // columns * side
        sheet.paste(small, (left + (side - small.width) // 2, top + (side - small.height) // 2))
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true", help="write the workflows without running them")
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as base:
        if stand_in(put_pack(Path(base, "custom_nodes"))):
            print("No bundled model: the thumbnails show random weights. Make them again when there is one.")
        _make(Path(base), options.json)


def _make(base: Path, only_json: bool) -> None:
    with serve(base) as server:
        schemas = server.get("/object_info")
        for title in DESIGNS:
            workflow = design(title, schemas)
            path = FOLDER / f"{file_name(title)}.json"
            path.write_text(json.dumps(workflow, indent=1) + "\n")
            if only_json:
                continue
            run = server.run(our_half(to_prompt(workflow, schemas)), workflow)
            thumbnail(result_pictures(server, workflow, run)).save(path.with_suffix(".jpg"), quality=88)
            print(f"{title}: {run.seconds:.1f} s")


if __name__ == "__main__":
    main()
