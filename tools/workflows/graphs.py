"""Workflows: laying them out as ComfyUI saves them, and turning saved ones into what its API runs."""

from __future__ import annotations

from typing import Any

WIDGETS = ("INT", "FLOAT", "STRING", "BOOLEAN", "COMBO")
NOTES = ("Note", "MarkdownNote")
COLUMN, GAP = 330, 50
# What a node shows beneath its widgets needs room, or it would grow over the next one.
SHOWS = {
    "S2I_ExamplePicture": 200, "S2I_SketchToImage": 300, "S2I_PrepareSketch": 300, "S2I_ExtractSketch": 300,
    "S2I_XDoG": 300, "S2I_Canny": 300, "S2I_ColourHints": 300, "S2I_Palette": 80, "S2I_StyleGrid": 300,
    "S2I_LoadStyle": 200, "S2I_SaveStyle": 60, "S2I_ExportLayers": 60, "S2I_SavePalette": 60, "S2I_StyleTransfer": 300,
}  # fmt: skip


def widget_inputs(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """(name, options) of the inputs that are shown as widgets, in the order that a saved workflow's values have."""
    found = []
    for name, (kind, *rest) in all_inputs(schema).items():
        options = rest[0] if rest else {}
        if (kind in WIDGETS or isinstance(kind, list)) and not options.get("forceInput"):
            found.append((name, options))
    return found


def all_inputs(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema["input"].get("required", {}), **schema["input"].get("optional", {})}


def to_prompt(workflow: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """A saved workflow -> the API's prompt, as the front end does it: values by position, links by id."""
    links = {link[0]: link for link in workflow["links"]}
    prompt = {}
    for node in workflow["nodes"]:
        if node["type"] in NOTES or node.get("mode", 0) in (2, 4):
            continue
        inputs: dict[str, Any] = {}
        values = iter(node.get("widgets_values") or [])
        for name, options in widget_inputs(schemas[node["type"]]):
            inputs[name] = next(values)
            if options.get("control_after_generate"):
                next(values)
        for slot in node["inputs"]:
            if slot.get("link") is not None:
                _, source, output, *_ = links[slot["link"]]
                inputs[slot["name"]] = [str(source), output]
        prompt[str(node["id"])] = {"class_type": node["type"], "inputs": inputs}
    return prompt


class Graph:
    """A workflow under construction. `add` places nodes in columns from left to right."""

    def __init__(self, schemas: dict[str, Any], version: str) -> None:
        self.schemas, self.version = schemas, version
        self.nodes: list[dict[str, Any]] = []
        self.links: list[list[Any]] = []
        self.extra: dict[str, Any] = {}
        self._bottom: dict[int, int] = {}

    def note(self, text: str, column: int = 0, height: int = 150) -> None:
        self._place("MarkdownNote", column, [], [], [text], height, {})

    def add(
        self,
        type: str,
        column: int,
        *,
        title: str = "",
        tall: int = 0,
        models: list[dict[str, str]] | None = None,
        **values: Any,
    ) -> Output:
        """values: widget values, or another node's output. -> the node's first output."""
        schema = self.schemas[type]
        inputs, widgets = [], []
        names = [name for name, _ in widget_inputs(schema)]
        unknown = values.keys() - all_inputs(schema).keys()
        if unknown:
            raise KeyError(f"{type} has no input {', '.join(unknown)}")
        sockets = [name for name in all_inputs(schema) if name not in names]
        for name in sockets:
            inputs.append({"name": name, "type": all_inputs(schema)[name][0], "link": None})
        for name, options in widget_inputs(schema):
            value = values.get(name, options.get("default"))
            if value is None or isinstance(value, Output):
                kind = all_inputs(schema)[name][0]
                choices = kind if isinstance(kind, list) else options.get("options")
                value = choices[0] if choices else options.get("default", 0)
            widgets.append(value)
            if options.get("control_after_generate"):
                widgets.append("fixed")
            if isinstance(values.get(name), Output):
                kind = all_inputs(schema)[name][0]
                inputs.append({"name": name, "type": kind, "link": None, "widget": {"name": name}})
        outputs = [
            {"name": label, "type": kind, "links": []}
            for label, kind in zip(schema["output_name"], schema["output"], strict=True)
        ]
        size = tall or 46 + 22 * max(len(sockets), len(outputs)) + 24 * len(widgets) + SHOWS.get(type, 0)
        if type in ("PreviewImage", "SaveImage", "SaveAnimatedWEBP"):
            size = tall or 300
        ours = type.startswith("S2I_")
        properties = {"cnr_id": "sketch-to-image" if ours else "comfy-core", "Node name for S&R": type}
        if ours:
            properties["ver"] = self.version
        if models is not None:
            properties["models"] = models
        node = self._place(type, column, inputs, outputs, widgets, size, properties, title)
        for slot, entry in enumerate(inputs):
            source = values.get(entry["name"])
            if isinstance(source, Output):
                self._connect(source, node, slot, entry)
        return Output(self, node)

    def _connect(self, source: Output, node: dict[str, Any], slot: int, entry: dict[str, Any]) -> None:
        number = len(self.links) + 1
        output = source.node["outputs"][source.slot]
        self.links.append([number, source.node["id"], source.slot, node["id"], slot, output["type"]])
        output["links"].append(number)
        entry["link"] = number

    def _place(self, type: str, column: int, inputs: list[Any], outputs: list[Any], values: list[Any], height: int,
               properties: dict[str, Any], title: str = "") -> dict[str, Any]:
        y = self._bottom.get(column, 0)
        self._bottom[column] = y + height + GAP
        node = {
            "id": len(self.nodes) + 1, "type": type, "pos": [column * (COLUMN + GAP), y], "size": [COLUMN, height],
            "flags": {}, "order": len(self.nodes), "mode": 0, "inputs": inputs, "outputs": outputs,
            "properties": properties, "widgets_values": values,
        }  # fmt: skip
        if title:
            node["title"] = title
        self.nodes.append(node)
        return node

    def app(self, inputs: list[tuple[Output, str, str]], output: Output, opens: bool) -> None:
        """How the front end's App Mode shows the workflow: these widgets under these labels, and what this node saves.
        opens: as an app, rather than as a graph that has one."""
        chosen = [[source.node["id"], name] for source, name, _ in inputs]
        for source, name, label in inputs:
            if label != name:
                kind = all_inputs(self.schemas[source.node["type"]])[name][0]
                kind = kind if isinstance(kind, str) else "COMBO"
                slot = {"name": name, "type": kind, "link": None, "widget": {"name": name}, "label": label}
                source.node["inputs"].append(slot)
        self.extra = {"linearData": {"inputs": chosen, "outputs": [output.node["id"]]}}
        if opens:
            self.extra["linearMode"] = True

    def saved(self) -> dict[str, Any]:
        return {
            "id": "", "revision": 0, "last_node_id": len(self.nodes), "last_link_id": len(self.links),
            "nodes": self.nodes, "links": self.links, "groups": [], "config": {}, "extra": self.extra, "version": 0.4,
        }  # fmt: skip


class Output:
    """An output of a node; `node[1]` is its second one."""

    def __init__(self, graph: Graph, node: dict[str, Any], slot: int = 0) -> None:
        self.graph, self.node, self.slot = graph, node, slot

    def __getitem__(self, slot: int) -> Output:
        return Output(self.graph, self.node, slot)
