"""`python -m tools.make_docs`: write what is derived from the nodes' schemas, in real ComfyUI: the English locale, the
help pages in English and Chinese (each is a table of inputs and outputs under a note from `NOTES`), and the README's
tables of nodes and workflows. Sketch Pad's English page is written by hand. A test holds all against the schemas."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from tools.comfyui import serve
from tools.comfyui_install import ROOT
from tools.help_notes import NOTES
from tools.workflows.graphs import all_inputs

BY_HAND = ("S2I_SketchPad",)
PHOTOGRAPHED = (*BY_HAND, "S2I_LoadStyle", "S2I_Palette")  # by tools/screenshots.py: the nodes themselves
PAGES, README = ROOT / "web" / "docs", ROOT / "README.md"
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


def chinese_page(name: str, schema: dict[str, Any], words: dict[str, Any]) -> str:
    """words: the node's entry of locales/zh/nodeDefs.json."""
    workflow, _, note = NOTES[name]
    lines = [f"# {words['display_name']}", "", words["description"], ""]
    shown = "这个节点" if name in PHOTOGRAPHED else "这个节点所在工作流的结果"
    lines += [f"![{shown}](images/{name}.jpg)", "", note, ""]
    if all_inputs(schema):
        lines += ["## 输入", "", "| 输入 | 默认值或类型 | 作用 |", "|---|---|---|"]
        for key, (kind, *rest) in all_inputs(schema).items():
            entry = words["inputs"][key]
            lines.append(f"| {entry['name']} ({key}) | {_default(kind, rest[0])} | {entry['tooltip']} |")
    lines += ["", "## 输出", "", "| 输出 | 内容 |", "|---|---|"]
    for i, (label, kind) in enumerate(zip(schema["output_name"], schema["output"], strict=True)):
        entry = words["outputs"][str(i)]
        lines.append(f"| {entry['name']} ({label}) | {kind}：{entry['tooltip']} |")
    lines += ["", f"工作流模板：*{workflow}*。", ""]
    return "\n".join(lines)


def chinese() -> dict[str, Any]:
    return json.loads((ROOT / "locales" / "zh" / "nodeDefs.json").read_text())


def help_page(name: str, schema: dict[str, Any]) -> str:
    workflow, note, _ = NOTES[name]
    lines = [f"# {schema['display_name']}", "", schema["description"], ""]
    shown = "This node" if name in PHOTOGRAPHED else "What a workflow with this node makes"
    lines += [f"![{shown}](images/{name}.jpg)", "", note, ""]
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
        page = PAGES / name / "zh.md"
        page.parent.mkdir(exist_ok=True)
        page.write_text(chinese_page(name, schema, chinese()[name]))
    if README.is_file():
        README.write_text(with_tables(README.read_text(), schemas))


if __name__ == "__main__":
    main()
