"""`python -m tools.make_docs`: write what is derived from the nodes' schemas, in real ComfyUI: the English locale, the
help pages (each is a table of inputs and outputs under a note from `NOTES`), and the README's tables of nodes and
workflows. Sketch Pad's page is written by hand. A test holds all of them against the schemas."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from tools.comfyui import serve
from tools.comfyui_install import ROOT
from tools.workflow_graphs import all_inputs

BY_HAND = ("S2I_SketchPad",)
PAGES, README = ROOT / "web" / "docs", ROOT / "README.md"
# What the schema cannot say, and the workflow whose picture shows the node at work.
NOTES: dict[str, tuple[str, str]] = {
    "S2I_LoadModel": ("colour-a-sketch", "Any file name will do: what a file is stands in its header. Models trained "
                      "with this project go into `ComfyUI/models/s2i` (or a folder that `extra_model_paths.yaml` names "
                      "`s2i`). A file that changes is loaded again; two loaders of one file share one model."),
    "S2I_LoadModelFromHub": ("colour-a-sketch", "Files are kept in `models/s2i` as `owner--name--file.safetensors`. An "
                             "interrupted download is taken up where it stopped. Where the Hub cannot be reached, set "
                             "`HF_ENDPOINT` to a mirror, or put the file there by hand; for private repositories set "
                             "`HF_TOKEN`."),
    "S2I_ExamplePicture": ("style-grid", "Licences and sources of the pictures are listed in the pack's `art` "
                           "folder."),
    "S2I_PrepareSketch": ("clean-a-scan", "Nodes that take a sketch find out polarity and paper by themselves; this "
                          "one is for seeing and correcting the result. `thicken` helps where strokes are a single "
                          "pixel wide in a large picture; `light_on_dark` makes input for scribble ControlNets."),
    "S2I_ExtractSketch": ("sketch-variants", "The output has the input's size, whatever that is. The mask is the ink: "
                          "use it to inpaint, or to composite lines over a picture."),
    "S2I_XDoG": ("sketch-variants", "Raise `sigma` for broad strokes, `phi` for hard edges, `epsilon` for more ink. "
                 "Because dark areas fill with ink, the result is a drawing to look at rather than a sketch to paint: "
                 "for that, *Extract Sketch* is better."),
    "S2I_Canny": ("sketch-variants", "Agrees with scikit-image's `feature.canny` for the same settings; thresholds are "
                  "on the gradient of brightness between 0 and 1."),
    "S2I_SketchToImage": ("colour-a-sketch", "One reference serves a batch of sketches, and one sketch a batch of "
                          "references. The same seed always gives the same picture. To try many references with one "
                          "sketch, use *Encode Content*, *Encode Style*, *Decode* and *Refine*: then the sketch is "
                          "read only once."),
    "S2I_StyleTransfer": ("style-transfer", "The painter sees only the lines, never the picture's colours. If "
                          "something is lost, try another `variant`, or draw it with *Extract Sketch* and mend it."),
    "S2I_StyleGrid": ("style-grid", "Batches are made with *Batch Images*. While it works, the node shows each picture "
                      "as it is finished."),
    "S2I_EncodeContent": ("step-by-step", "`working_size` decides at what scale the picture is composed. The model "
                          "was trained at its own working size; half or twice that is still sensible."),
    "S2I_EncodeStyle": ("step-by-step", "References are looked at as a whole: cut away frames and captions, or mask "
                        "them. Transparent parts count as white paper."),
    "S2I_Decode": ("step-by-step", "The batch is that of the content or the style, whichever is larger: one sketch and "
                   "six styles give six drafts."),
    "S2I_Refine": ("step-by-step", "Takes the same style as *Decode*. With `scale` 2 a drawing of 512 pixels becomes a "
                   "picture of 1024."),
    "S2I_MixStyles": ("mix-and-save-styles", "A weight of 0 leaves a style out; if only one is left, the result is "
                      "exactly that style."),
    "S2I_InterpolateStyles": ("interpolate-styles", "The first and last frames are exactly the two styles. Feed the "
                              "batch into both *Decode* and *Refine*."),
    "S2I_SwapStyleScales": ("swap-style-scales", "All from A is exactly A. The palette goes with the coarse scale."),
    "S2I_RegionalStyles": ("regional-styles", "Masks may be smaller or larger than the sketch, of the same "
                           "proportions. Feather them for soft transitions. The result goes into *Decode* and *Refine* "
                           "like any style, but can no longer be mixed or saved."),
    "S2I_SaveStyle": ("mix-and-save-styles", "The file is small, holds no pixels of the reference, and fits the model "
                      "that it was encoded with."),
    "S2I_LoadStyle": ("mix-and-save-styles", "Also lists files in `models/s2i_styles`, the place for styles from other "
                      "people."),
}  # fmt: skip


def ours(schemas: dict[str, Any]) -> dict[str, Any]:
    return {name: schema for name, schema in sorted(schemas.items()) if name.startswith("S2I_")}


def english(schemas: dict[str, Any]) -> dict[str, Any]:
    """The front end's form: inputs by id, outputs by index."""
    words = {}
    for name, schema in ours(schemas).items():
        inputs = {key: {"name": key, "tooltip": rest[0]["tooltip"]} for key, (_, *rest) in all_inputs(schema).items()}
        outputs = {
            str(i): {"name": label, "tooltip": tip}
            for i, (label, tip) in enumerate(zip(schema["output_name"], schema["output_tooltips"], strict=True))
        }
        facts = {"display_name": schema["display_name"], "description": schema["description"]}
        words[name] = {**facts, "inputs": inputs, "outputs": outputs}
    return words


def help_page(name: str, schema: dict[str, Any]) -> str:
    workflow, note = NOTES[name]
    lines = [f"# {schema['display_name']}", "", schema["description"], ""]
    lines += [f"![What a workflow with this node makes](images/{name}.jpg)", "", note, ""]
    if all_inputs(schema):
        lines += ["## Inputs", "", "| input | default or type | what it does |", "|---|---|---|"]
        for key, (kind, *rest) in all_inputs(schema).items():
            lines.append(f"| {key} | {_default(kind, rest[0])} | {rest[0]['tooltip']} |")
    lines += ["", "## Outputs", "", "| output | what it is |", "|---|---|"]
    for label, kind, tip in zip(schema["output_name"], schema["output"], schema["output_tooltips"], strict=True):
        lines.append(f"| {label} | {kind}: {tip} |")
    lines += ["", f"In the workflow templates: *{workflow}*.", ""]
    return "\n".join(lines)


def _default(kind: Any, options: dict[str, Any]) -> str:
    if "default" in options:
        return f"`{options['default']}`" if options["default"] != "" else ""
    return f"{kind}" if isinstance(kind, str) and kind not in ("COMBO", "STRING") else ""


def node_table(schemas: dict[str, Any]) -> str:
    rows = ["| node | what it does |", "|---|---|"]
    by_group = sorted(ours(schemas).items(), key=lambda item: (item[1]["category"].count("/"), item[1]["category"]))
    for name, schema in by_group:
        first = re.split(r"(?<=[.:]) ", schema["description"])[0].rstrip(":").rstrip(".")
        rows.append(f"| [{schema['display_name']}](web/docs/{name}.md) | {first}. |")
    return "\n".join(rows)


def workflow_table() -> str:
    rows = ["| | workflow | what it shows |", "|---|---|---|"]
    for path in sorted((ROOT / "workflows").glob("*.json")):
        note = next(n for n in json.loads(path.read_text())["nodes"] if n["type"] == "MarkdownNote")
        title, _, text = note["widgets_values"][0].partition("\n")
        picture = f'<img src="workflows/{path.stem}.jpg" width="120">'
        sentence = text.split(". ")[0].split(": ")[0].strip().rstrip(".").replace("\n", " ")
        rows.append(f"| {picture} | [{title.lstrip('# ')}](workflows/{path.name}) | {sentence}. |")
    return "\n".join(rows)


def with_tables(readme: str, schemas: dict[str, Any]) -> str:
    """The README with the text between its markers <!-- nodes --> ... <!-- /nodes --> (and workflows) renewed."""
    for mark, table in (("nodes", node_table(schemas)), ("workflows", workflow_table())):
        pattern = rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)"
        readme = re.sub(pattern, lambda m, t=table: f"{m[1]}{t}\n{m[2]}", readme, flags=re.DOTALL)
    return readme


def locale_text(schemas: dict[str, Any]) -> str:
    return json.dumps(english(schemas), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as base, serve(Path(base)) as server:
        schemas = server.get("/object_info")
    path = ROOT / "locales" / "en" / "nodeDefs.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(locale_text(schemas))
    (PAGES / "images").mkdir(parents=True, exist_ok=True)
    for name, schema in ours(schemas).items():
        if name not in BY_HAND:
            (PAGES / f"{name}.md").write_text(help_page(name, schema))
    if README.is_file():
        README.write_text(with_tables(README.read_text(), schemas))


if __name__ == "__main__":
    main()
