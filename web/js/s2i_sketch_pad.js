// The Sketch Pad node's front end: puts the pad where the node's text input would be.

import { app } from "../../../scripts/app.js";
import { api } from "../../../scripts/api.js";
import { Live } from "./s2i/live.js";
import { SketchPad } from "./s2i/pad.js";
import { words } from "./s2i/words.js";

const SUBFOLDER = "s2i_sketch_pad"; // of ComfyUI's input folder: pictures to trace
// Saved with the node, shown in its properties; nothing of this reaches the prompt.
const DEFAULTS = {
  s2i_tool: "pen",
  s2i_pen_size: 4,
  s2i_eraser_size: 24,
  s2i_underlay: "",
  s2i_underlay_opacity: 0.3,
  s2i_live: false,
  s2i_live_delay_ms: 40,
};
const PROPERTY_OF = {
  tool: "s2i_tool",
  pen: "s2i_pen_size",
  eraser: "s2i_eraser_size",
  underlay: "s2i_underlay",
  opacity: "s2i_underlay_opacity",
};

/** The node's properties under the pad's names for them. */
function settingsOf(node) {
  const settings = {};
  for (const [name, property] of Object.entries(PROPERTY_OF)) {
    Object.defineProperty(settings, name, {
      enumerable: true,
      get: () => node.properties[property] ?? DEFAULTS[property],
      set: (value) => (node.properties[property] = value),
    });
  }
  return settings;
}

/** Ids of the output nodes that the node leads to; undefined where the way is not plain: then everything runs. */
export function outputsBehind(node) {
  const graph = node.graph;
  if (!graph || graph !== app.graph) return undefined;
  const [seen, found, open] = [new Set(), new Set(), [node]];
  while (open.length) {
    const here = open.pop();
    if (seen.has(here) || here.mode === 2) continue;
    seen.add(here);
    if (here.subgraph || (here.isVirtualNode && here.type !== "Reroute")) return undefined;
    if (here.constructor.nodeData?.output_node) found.add(String(here.id));
    for (const id of here.outputs?.flatMap((output) => output.links ?? []) ?? []) {
      const link = graph.getLink?.(id) ?? graph.links?.[id];
      const next = link && graph.getNodeById(link.target_id);
      if (next) open.push(next);
    }
  }
  return found.size ? [...found] : undefined;
}

/** Run what the pad leads to. True once the server has the run. */
async function run(node) {
  const accepted = await app.queuePrompt(0, 1, outputsBehind(node));
  // False also means that another run was just being sent, and ours after it.
  return accepted !== false || !Object.keys(app.lastNodeErrors ?? {}).length;
}

async function upload(file) {
  const form = new FormData();
  form.append("image", file);
  form.append("subfolder", SUBFOLDER);
  form.append("type", "input");
  const reply = await api.fetchApi("/upload/image", { method: "POST", body: form });
  if (!reply.ok) throw new Error(reply.statusText);
  const { name, subfolder } = await reply.json();
  return subfolder ? `${subfolder}/${name}` : name;
}

function pictureUrl(path) {
  const parts = path.split("/");
  const query = new URLSearchParams({ filename: parts.pop(), subfolder: parts.join("/"), type: "input" });
  return api.apiURL(`/view?${query}`);
}

/** The canvas under the pad keeps its wheel and its middle button. */
function passNavigation(element) {
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

function chain(object, name, after) {
  const before = object[name];
  object[name] = function (...args) {
    const result = before?.apply(this, args);
    after.apply(this, args);
    return result;
  };
}

/** Keep the sheet's size what the node's width and height say. */
function followSize(node, pad) {
  const size = (name) => node.widgets?.find((w) => w.name === name)?.value || 512;
  const update = () => {
    const [width, height] = [size("width"), size("height")];
    if (width !== pad.width || height !== pad.height) pad.setSheet(width, height);
  };
  for (const widget of node.widgets ?? []) {
    if (widget.name === "width" || widget.name === "height") chain(widget, "callback", update);
  }
  return update;
}

function createPad(node, inputName) {
  const t = words(app.ui?.settings?.getSettingValue?.("Comfy.Locale"));
  for (const [name, value] of Object.entries(DEFAULTS)) node.properties[name] ??= value;
  const changed = () => {
    widget.callback?.(widget.value);
    // ComfyUI looks for changes after clicks and keys on its own canvas; this one tells it.
    app.extensionManager?.workflow?.activeWorkflow?.changeTracker?.checkState?.();
  };
  const host = {
    changed() {
      changed();
      live.changed();
    },
    settingsChanged: changed,
    async loadPicture(file) {
      try {
        node.properties.s2i_underlay = await upload(file);
        showUnderlay();
        changed();
      } catch {
        pad.say(t.uploadFailed);
      }
    },
    fitSheet(width, height) {
      // As many pixels as the sheet has now, in the picture's shape.
      const scale = Math.sqrt((pad.width * pad.height) / (width * height));
      if (!Number.isFinite(scale)) return;
      for (const [name, side] of [["width", width], ["height", height]]) {
        const target = node.widgets.find((w) => w.name === name);
        target.value = Math.max(64, Math.round((side * scale) / 8) * 8);
        target.callback?.(target.value);
      }
      changed();
    },
    live() {
      node.properties.s2i_live = !live.on;
      live.turn(!live.on);
      changed();
    },
  };
  const pad = new SketchPad({ t, settings: settingsOf(node), host });
  const showUnderlay = () => {
    const path = node.properties.s2i_underlay;
    pad.setUnderlay(path ? pictureUrl(path) : null);
  };
  const live = new Live({
    api,
    submit: () => run(node),
    delay: () => Number(node.properties.s2i_live_delay_ms ?? DEFAULTS.s2i_live_delay_ms),
    onState(state) {
      pad.toolbar.showLive(state);
      if (state === "failed") {
        node.properties.s2i_live = false;
        pad.say(t.liveFailed);
      } else pad.refresh();
      if (state === "running") pad.say(t.running);
    },
  });
  passNavigation(pad.element);

  const widget = node.addDOMWidget(inputName, "s2i_drawing", pad.element, {
    getValue: () => pad.value,
    setValue: (text) => (pad.value = text),
    getMinHeight: () => 260,
    hideOnZoom: false,
    margin: 6,
  });
  const followNow = followSize(node, pad);
  const restore = () => {
    followNow();
    showUnderlay();
    // Saved on: ready for the next stroke. Opening a workflow does not run it.
    live.on = Boolean(node.properties.s2i_live);
    pad.toolbar.showLive(live.on ? "ready" : "off");
  };
  chain(node, "onConfigure", restore);
  chain(node, "onPropertyChanged", restore);
  chain(node, "onRemoved", () => live.dispose());
  restore();
  return { widget, minWidth: 380, minHeight: 500 };
}

app.registerExtension({
  name: "s2i.SketchPad",
  init() {
    const style = Object.assign(document.createElement("link"), {
      rel: "stylesheet",
      href: new URL("./s2i/pad.css", import.meta.url).href,
    });
    document.head.append(style);
  },
  getCustomWidgets: () => ({
    S2I_DRAWING: (node, inputName) => createPad(node, inputName),
  }),
});
