// The pad's two rows of controls: what to draw with, and the underlay's.

import { button, divider, element, slider } from "./controls.js";

// Half of the slider's way is for brushes below 10 pixels.
const WIDEST = 64;
const toSize = (position) => Math.max(1, Math.round(WIDEST * (position / 100) ** 2));
const toPosition = (size) => 100 * Math.sqrt(size / WIDEST);

export class Toolbar {
  /** actions: tool(name), size(pixels), undo(), redo(), clear(), load(), opacity(0..1), fitSheet(), remove(), live(). */
  constructor(t, actions) {
    this.t = t;
    this.pen = button("pen", t.pen, () => actions.tool("pen"));
    this.dab = button("dab", t.dab, () => actions.tool("dab"));
    this.eraser = button("eraser", t.eraser, () => actions.tool("eraser"));
    this.size = slider(t.size, { min: 0, max: 100, step: 1 }, (position) => actions.size(toSize(position)));
    this.number = element("output", { className: "s2i-number", title: t.size });
    this.undo = button("undo", t.undo, actions.undo);
    this.redo = button("redo", t.redo, actions.redo);
    this.clear = button("clear", t.clear, actions.clear);
    this.picture = button("underlay", t.underlay, actions.load);
    this.live = element("button", { type: "button", className: "s2i-button s2i-live", title: t.liveTip, textContent: t.live });
    this.live.prepend(element("span", { className: "s2i-dot" }));
    this.live.addEventListener("click", actions.live);
    this.row = element(
      "div", { className: "s2i-row" },
      this.pen, this.dab, this.eraser, this.size, this.number, divider(),
      this.undo, this.redo, this.clear, divider(), this.picture, this.live,
    );
    this.row.setAttribute("role", "toolbar");
    this.row.setAttribute("aria-label", t.toolbar);

    this.opacity = slider(t.opacity, { min: 0.05, max: 0.9, step: 0.05 }, actions.opacity);
    this.underlayName = element("span", { className: "s2i-name" });
    this.underlayRow = element(
      "div", { className: "s2i-row s2i-underlay-row", hidden: true },
      this.underlayName, this.opacity,
      button("fit", t.fitSheet, actions.fitSheet), button("remove", t.remove, actions.remove),
    );
  }

  show({ tool, size, canUndo, canRedo, canClear, underlay, opacity }) {
    for (const name of ["pen", "dab", "eraser"]) this[name].setAttribute("aria-pressed", String(tool === name));
    this.size.value = toPosition(size);
    this.number.textContent = size;
    this.undo.disabled = !canUndo;
    this.redo.disabled = !canRedo;
    this.clear.disabled = !canClear;
    this.picture.setAttribute("aria-pressed", String(Boolean(underlay)));
    this.underlayRow.hidden = !underlay;
    this.underlayName.textContent = underlay?.split("/").at(-1) ?? "";
    this.opacity.value = opacity;
  }

  showLive(state) {
    this.live.dataset.state = state;
    this.live.setAttribute("aria-pressed", String(state === "ready" || state === "running"));
    this.live.title = state === "failed" ? this.t.liveFailed : this.t.liveTip;
  }
}
