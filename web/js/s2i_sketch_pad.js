// The Sketch Pad node's front end: puts the pad where the node's text input would be.

import { api, app, chain, locale, noteChange, passNavigation, pictureUrl, referencePicture, run, upload } from "./s2i/host.js";
import { Live } from "./s2i/live.js";
import { SketchPad } from "./s2i/pad.js";
import { stylesheet } from "./s2i/stylesheet.js";
import { words } from "./s2i/words.js";

const SUBFOLDER = "s2i_sketch_pad"; // of ComfyUI's input folder: pictures to trace
// Saved with the node, shown in its properties; nothing of this reaches the prompt.
const DEFAULTS = {
  s2i_tool: "pen",
  s2i_pen_size: 4,
  s2i_eraser_size: 24,
  s2i_dab_size: 28,
  s2i_colour: "#c8553d",
  s2i_underlay: "",
  s2i_underlay_opacity: 0.3,
  s2i_live: false,
  s2i_live_delay_ms: 0, // strokes that come while a run is under way wait for its end anyway
};
const PROPERTY_OF = {
  tool: "s2i_tool",
  pen: "s2i_pen_size",
  eraser: "s2i_eraser_size",
  dab: "s2i_dab_size",
  colour: "s2i_colour",
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
  const t = words(locale());
  for (const [name, value] of Object.entries(DEFAULTS)) node.properties[name] ??= value;
  const changed = () => {
    widget.callback?.(widget.value);
    setTimeout(noteChange); // it compares whole workflows, and a run that was just asked for goes first
  };
  const host = {
    reference: referencePicture,
    changed() {
      live.changed();
      changed();
    },
    settingsChanged: changed,
    async loadPicture(file) {
      try {
        node.properties.s2i_underlay = await upload(file, SUBFOLDER);
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
    for (const name of ["colour_row.css", "pad.css"]) stylesheet(name);
  },
  getCustomWidgets: () => ({
    S2I_DRAWING: (node, inputName) => createPad(node, inputName),
  }),
});
