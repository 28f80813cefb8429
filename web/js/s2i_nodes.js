// Front end of the other nodes: thumbnails to choose from, palette swatches, seeds that stay, and where a file went.

import { api, app, chain, exampleUrl, locale, noteChange, upload } from "./s2i/host.js";
import { element } from "./s2i/controls.js";
import { Gallery } from "./s2i/gallery.js";
import { stylesheet } from "./s2i/stylesheet.js";
import { Swatches } from "./s2i/swatches.js";
import { words } from "./s2i/words.js";

const TEXT = "s2i_text";
const ADDRESS = {
  picture: (name) => exampleUrl(name, true),
  style: (name) => api.apiURL(`/s2i/style_swatch?${new URLSearchParams({ name })}`),
};

function createGallery(node, inputName, inputData) {
  const options = inputData[1] ?? {};
  const gallery = new Gallery({
    t: words(locale()),
    names: options.options ?? (Array.isArray(inputData[0]) ? inputData[0] : []),
    address: ADDRESS[options.s2i_kind] ?? ADDRESS.picture,
    upload: options.s2i_upload ? (file) => upload(file) : null,
    changed() {
      widget.callback?.(widget.value);
      noteChange();
    },
  });
  const widget = node.addDOMWidget(inputName, "s2i_gallery", gallery.element, {
    getValue: () => gallery.value,
    setValue: (name) => (gallery.value = name),
    getMinHeight: () => 150,
    hideOnZoom: false,
    margin: 6,
  });
  // ComfyUI's "R": files that have been added since.
  node.refreshComboInNode = (definitions) => {
    const [kind, more] = definitions?.[node.type]?.input?.required?.[inputName] ?? [];
    const names = more?.options ?? (Array.isArray(kind) ? kind : null);
    if (names) gallery.setNames(names);
  };
  return { widget, minWidth: 280, minHeight: 230 };
}

function createSwatches(node, inputName) {
  const swatches = new Swatches({
    t: words(locale()),
    changed() {
      widget.callback?.(widget.value);
      noteChange();
    },
  });
  const widget = node.addDOMWidget(inputName, "s2i_swatches", swatches.element, {
    getValue: () => swatches.value,
    setValue: (text) => (swatches.value = text),
    getMinHeight: () => 60,
    hideOnZoom: false,
    margin: 6,
  });
  chain(node, "onExecuted", (output) => {
    if (output?.palette?.[0]) swatches.value = output.palette[0];
  });
  return { widget, minWidth: 280, minHeight: 150 };
}

/** What a node says of its run, such as where it saved a file: ComfyUI shows a node's text on its own nodes only. */
function showText(node, text) {
  let shown = node.widgets?.find((widget) => widget.name === TEXT);
  if (!shown) {
    const options = { serialize: false, getMinHeight: () => 56, hideOnZoom: false, margin: 6 };
    shown = node.addDOMWidget(TEXT, TEXT, element("div", { className: "s2i-status s2i-text" }), options);
    shown.serialize = false; // it is of this run, and no part of the workflow
    node.setSize(node.computeSize().map((least, i) => Math.max(least, node.size[i])));
  }
  shown.element.textContent = [text].flat().join("\n");
}

app.registerExtension({
  name: "s2i.Nodes",
  init: () => stylesheet("choices.css"),
  getCustomWidgets: () => ({ S2I_GALLERY: createGallery, S2I_SWATCHES: createSwatches }),
  /** A picture that pleases is painted again, until another seed is asked for. Workflows keep what they say. */
  nodeCreated(node) {
    if (!node.comfyClass?.startsWith("S2I_")) return;
    chain(node, "onExecuted", (output) => output?.text && showText(node, output.text));
    const control = node.widgets?.find((widget) => widget.name === "control_after_generate");
    if (control) control.value = "fixed";
  },
});
