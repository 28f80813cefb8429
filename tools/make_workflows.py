"""`python -m tools.make_workflows`: write workflows/*.json and the blueprint from the designs, run each workflow in
real ComfyUI, and make the thumbnails and the help pages' pictures from what came out. `--json` only writes the files;
titles, such as "Tune style", make only these. Needs what `python -m tools.comfyui` needs."""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import uuid
from pathlib import Path
from typing import Any

from PIL import Image

from tools.comfyui import put_pack, serve
from tools.comfyui_client import ComfyUI, Run
from tools.comfyui_install import ROOT
from tools.help_notes import NOTES
from tools.make_docs import PAGES, PHOTOGRAPHED
from tools.small_bundles import stand_in
from tools.workflows.designs import DESIGNS
from tools.workflows.diffusion import CHECKPOINT, CONTROL
from tools.workflows.graphs import Graph, to_prompt

FOLDER = ROOT / "workflows"
BLUEPRINT = "Colour sketch like reference"
EXPOSED = {"sketch": "IMAGE", "reference": "IMAGE", "seed": "INT", "strength": "FLOAT"}  # of the blueprint
SIDE = 400  # of a thumbnail


def file_name(title: str) -> str:
    return re.sub(r"\W+", "-", title.lower()).strip("-")


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


def blueprint(schemas: dict[str, Any]) -> dict[str, Any]:
    """A subgraph for the node library: sketch, reference, seed and strength in, picture out, the model inside."""
    graph = Graph(schemas, version())
    model = graph.add("S2I_LoadModel", 1, models=[])
    graph.add("S2I_SketchToImage", 2, model=model, line_opacity=0.5)
    number = str(uuid.uuid5(uuid.NAMESPACE_URL, f"sketch-to-image/{BLUEPRINT}"))
    painter, links = graph.nodes[1], []
    for i, link in enumerate(graph.links, 1):
        keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
        links.append(dict(zip(keys, [i, *link[1:]], strict=True)))
    inputs = []
    for i, (name, kind) in enumerate(EXPOSED.items()):
        if kind != "IMAGE":  # a widget that is linked has a slot
            painter["inputs"].append({"name": name, "type": kind, "widget": {"name": name}, "link": None})
        slot = next(k for k, entry in enumerate(painter["inputs"]) if entry["name"] == name)
        links.append({"id": len(links) + 1, "origin_id": -10, "origin_slot": i, "target_id": painter["id"],
                      "target_slot": slot, "type": kind})
        painter["inputs"][slot]["link"] = len(links)
        inputs.append({"id": str(uuid.uuid5(uuid.NAMESPACE_URL, number + name)), "name": name, "type": kind,
                       "linkIds": [len(links)], "pos": [220, 20 + 20 * i]})
    links.append({"id": len(links) + 1, "origin_id": painter["id"], "origin_slot": 0, "target_id": -20,
                  "target_slot": 0, "type": "IMAGE"})
    painter["outputs"][0]["links"] = [len(links)]
    output = {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, number + "image")), "name": "image", "type": "IMAGE",
              "linkIds": [len(links)], "pos": [1180, 20]}
    inside = {
        "id": number, "version": 1, "revision": 0, "config": {}, "name": BLUEPRINT,
        "state": {"lastGroupId": 0, "lastNodeId": 2, "lastLinkId": len(links), "lastRerouteId": 0},
        "inputNode": {"id": -10, "bounding": [120, 0, 120, 120]},
        "outputNode": {"id": -20, "bounding": [1160, 0, 120, 60]},
        "inputs": inputs, "outputs": [output], "widgets": [], "nodes": graph.nodes, "groups": [], "links": links,
        "extra": {},
    }  # fmt: skip
    shown = {
        "id": 1, "type": number, "pos": [0, 0], "size": [300, 160], "flags": {}, "order": 0, "mode": 0,
        "inputs": [
            {"name": n, "type": kind, "link": None, **({} if kind == "IMAGE" else {"widget": {"name": n}})}
            for n, kind in EXPOSED.items()
        ],
        "outputs": [{"name": "image", "type": "IMAGE", "links": []}], "properties": {}, "widgets_values": [],
    }  # fmt: skip
    return {"id": number, "revision": 0, "last_node_id": 2, "last_link_id": 0, "nodes": [shown], "links": [],
            "groups": [], "definitions": {"subgraphs": [inside]}, "config": {}, "extra": {}, "version": 0.4}


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
    parser.add_argument("titles", nargs="*", metavar="TITLE", help="of a design (default: all)")
    parser.add_argument("--json", action="store_true", help="write the workflows without running them")
    options = parser.parse_args()
    unknown = sorted(set(options.titles) - DESIGNS.keys())
    if unknown:
        parser.error(f"no design is called {', '.join(unknown)}: there are {', '.join(DESIGNS)}")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as base:
        if stand_in(put_pack(Path(base, "custom_nodes"))):
            print("No bundled model: the thumbnails show random weights. Make them again when there is one.")
        _make(Path(base), options.json, options.titles or list(DESIGNS))


def _make(base: Path, only_json: bool, titles: list[str]) -> None:
    (PAGES / "images").mkdir(parents=True, exist_ok=True)
    with serve(base) as server:
        schemas = server.get("/object_info")
        (ROOT / "subgraphs" / f"{BLUEPRINT}.json").write_text(json.dumps(blueprint(schemas), indent=1) + "\n")
        for title in titles:
            workflow = design(title, schemas)
            path = FOLDER / f"{file_name(title)}.json"
            path.write_text(json.dumps(workflow, indent=1) + "\n")
            if only_json:
                continue
            run = server.run(our_half(to_prompt(workflow, schemas)), workflow)
            small = thumbnail(result_pictures(server, workflow, run))
            small.save(path.with_suffix(".jpg"), quality=88)
            for node in [n for n, (shown, *_) in NOTES.items() if shown == path.stem and n not in PHOTOGRAPHED]:
                small.save(PAGES / "images" / f"{node}.jpg", quality=80)
            print(f"{title}: {run.seconds:.1f} s")


if __name__ == "__main__":
    main()
