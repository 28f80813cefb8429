// The elements of a sheet of paper: what is drawn on, what lies under it, and what says how it stands.

import { element } from "./controls.js";

/** t: words -> {stage, status, file} for the pad, and inside of stage {paper, underlay, canvas, hint, cursor, keys}. */
export function sheetElements(t) {
  const underlay = element("img", { className: "s2i-underlay", hidden: true, alt: "", draggable: false });
  const canvas = element("canvas", { className: "s2i-canvas" });
  const hint = element("span", { className: "s2i-hint", textContent: t.hint });
  const cursor = element("span", { className: "s2i-cursor", hidden: true });
  // ComfyUI leaves the keys to a text area that has the focus; anywhere else Ctrl+Z would undo the graph.
  const keys = element("textarea", { className: "s2i-keys", readOnly: true, inputMode: "none" });
  keys.setAttribute("aria-label", t.sheet);
  // The browser's own tooltip must not cover the drawing.
  const paper = element("div", { className: "s2i-paper", title: "" }, underlay, canvas, hint, cursor, keys);
  const stage = element("div", { className: "s2i-stage" }, paper);
  const status = element("div", { className: "s2i-status" });
  status.setAttribute("role", "status");
  const file = element("input", { type: "file", accept: "image/*", hidden: true });
  return { stage, status, file, paper, underlay, canvas, hint, cursor, keys };
}

/** A picture that is dropped on the element goes to `load`; anything else is left to the page. */
export function takePictures(onto, load) {
  for (const name of ["dragenter", "dragover", "drop"]) {
    onto.addEventListener(name, (e) => {
      const file = [...(e.dataTransfer?.files ?? [])].find((f) => f.type.startsWith("image/"));
      if (!file && name === "drop") return;
      e.preventDefault();
      e.stopPropagation();
      if (file && name === "drop") load(file);
    });
  }
}
