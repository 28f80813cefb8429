// What the pack needs of ComfyUI's front end, by the names it has had over the years, newest first.

import { app } from "../../../../scripts/app.js";
import { api } from "../../../../scripts/api.js";

export { api, app };

export const rootGraph = () => app.rootGraph ?? app.graph;

export const locale = () => app.extensionManager?.setting?.get?.("Comfy.Locale");

/** What the server refused of the last prompt, by node id. */
const refusals = () => app.extensionManager?.lastNodeErrors ?? app.lastNodeErrors ?? {};

/** ComfyUI looks for changes after clicks and keys on its own canvas; other elements tell it. */
export function noteChange() {
  const tracker = app.extensionManager?.workflow?.activeWorkflow?.changeTracker;
  if (tracker?.captureCanvasState) tracker.captureCanvasState();
  else tracker?.checkState?.();
}

/** Ids of the output nodes that the node leads to; undefined where the way is not plain: then everything runs. */
export function outputsBehind(node) {
  const graph = node.graph;
  if (!graph || graph !== rootGraph()) return undefined;
  const [seen, found, open] = [new Set(), new Set(), [node]];
  while (open.length) {
    const here = open.pop();
    if (seen.has(here) || here.mode === 2) continue;
    seen.add(here);
    if (here.subgraph || (here.isVirtualNode && here.type !== "Reroute")) return undefined;
    if (here.constructor.nodeData?.output_node) found.add(String(here.id));
    for (const slot of (here.outputs ?? []).keys()) open.push(...(here.getOutputNodes(slot) ?? []));
  }
  return found.size ? [...found] : undefined;
}

/** Run what the node leads to. True once the server has the run. */
export async function run(node) {
  const accepted = await app.queuePrompt(0, 1, outputsBehind(node));
  // False also means that another run was just being sent, and ours after it.
  return accepted !== false || !Object.keys(refusals() ?? {}).length;
}

/** A file into a subfolder of ComfyUI's input folder -> its name there, with the subfolder. */
export async function upload(file, subfolder = "") {
  const form = new FormData();
  form.append("image", file);
  if (subfolder) form.append("subfolder", subfolder);
  form.append("type", "input");
  const reply = await api.fetchApi("/upload/image", { method: "POST", body: form });
  if (!reply.ok) throw new Error(reply.statusText);
  const stored = await reply.json();
  return stored.subfolder ? `${stored.subfolder}/${stored.name}` : stored.name;
}

/** Address of a picture in ComfyUI's input folder (or in "output", "temp"). */
export function pictureUrl(path, type = "input") {
  const parts = path.split("/");
  const query = new URLSearchParams({ filename: parts.pop(), subfolder: parts.join("/"), type });
  return api.apiURL(`/view?${query}`);
}

export function chain(object, name, after) {
  const before = object[name];
  object[name] = function (...args) {
    const result = before?.apply(this, args);
    after.apply(this, args);
    return result;
  };
}

/** The canvas under an element keeps its wheel and its middle button. */
export function passNavigation(element) {
  const middle = (event) => event.button === 1 || event.buttons & 4;
  const pass = (name, method) =>
    element.addEventListener(name, (event) => middle(event) && app.canvas[method](event), { capture: true });
  pass("pointerdown", "processMouseDown");
  pass("pointermove", "processMouseMove");
  pass("pointerup", "processMouseUp");
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      event.stopPropagation();
      app.canvas.processMouseWheel(event);
    },
    { passive: false },
  );
}

// -- the reference ---------------------------------------------------------------------------------------------------

const INPUT_OF_SUBGRAPH = -10; // the id of what stands for a subgraph's own inputs

const linkOf = (graph, id) => graph.getLink?.(id) ?? graph.links?.get?.(id) ?? graph.links?.[id];

function allNodes(graph = rootGraph()) {
  return graph.nodes.flatMap((node) => (node.subgraph ? [node, ...allNodes(node.subgraph)] : [node]));
}

/** The node whose output arrives at this input, looked for outside where the input is a subgraph's. */
function sourceOf(graph, input) {
  const link = input?.link == null ? null : linkOf(graph, input.link);
  if (!link) return null;
  if (Number(link.origin_id) !== INPUT_OF_SUBGRAPH) return graph.getNodeById(link.origin_id);
  const host = allNodes().find((node) => node.subgraph === graph);
  return host ? sourceOf(host.graph, host.inputs[link.origin_slot]) : null;
}

function shownBy(node) {
  const value = (name) => node.widgets?.find((widget) => widget.name === name)?.value;
  if (node.type === "S2I_ExamplePicture" && value("picture")) return exampleUrl(value("picture"));
  if (node.type === "LoadImage" && value("image")) return pictureUrl(value("image"));
  const made = app.nodeOutputs?.[node.id]?.images?.[0];
  const path = made && [made.subfolder, made.filename].filter(Boolean).join("/");
  return node.imgs?.[0]?.src ?? (path ? pictureUrl(path, made.type) : null);
}

/** Address of a picture that comes with the pack, or of one that was dropped on Example Picture. */
export function exampleUrl(name, thumbnail = false) {
  const query = new URLSearchParams({ name, ...(thumbnail ? { thumbnail: 1 } : {}) });
  return api.apiURL(`/s2i/picture?${query}`);
}

/** The picture at the first "reference" input of the graph, as a loaded image; null where none is shown yet. */
export async function referencePicture() {
  for (const node of allNodes()) {
    for (const input of (node.inputs ?? []).filter((entry) => entry.name === "reference")) {
      const source = sourceOf(node.graph, input);
      const url = source && shownBy(source);
      if (!url) continue;
      const image = Object.assign(new Image(), { crossOrigin: "anonymous", src: url });
      if (await image.decode().then(() => true, () => false)) return image;
    }
  }
  return null;
}
