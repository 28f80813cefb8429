// A palette as swatches: click one to change its colour, its lock to keep it. The value is the engine's palette text.

import { element } from "./controls.js";

const ENTRY = /(#[0-9a-f]{6})\s*(!)?\s*(?:(\d+(?:\.\d+)?)\s*%)?\s*(!)?/i;

const parse = (text) =>
  String(text ?? "")
    .split(/[,;\n]/)
    .map((part) => ENTRY.exec(part))
    .filter(Boolean)
    .map(([, colour, lock, share, late]) => ({ colour: colour.toLowerCase(), locked: Boolean(lock || late), share }));

const write = (entries) =>
  entries.map(({ colour, locked, share }) => `${colour}${locked ? "!" : ""}${share ? ` ${share}%` : ""}`).join(", ");

export class Swatches {
  #entries = [];

  /** t: words; changed(): called after the user's change. */
  constructor({ t, changed }) {
    Object.assign(this, { t, changed });
    this.element = element("div", { className: "s2i-palette" });
    this.#show();
  }

  get value() {
    return write(this.#entries);
  }

  set value(text) {
    this.#entries = parse(text);
    this.#show();
  }

  #change(index, change) {
    this.#entries = this.#entries.map((entry, i) => (i === index ? { ...entry, ...change } : entry));
    this.#show();
    this.changed();
  }

  #cell({ colour, locked }, index) {
    const input = element("input", { type: "color", className: "s2i-colour", value: colour, title: colour });
    input.setAttribute("aria-label", `${this.t.paletteColour} ${index + 1}`);
    // A colour that one has chosen is meant to stay.
    input.addEventListener("change", () => this.#change(index, { colour: input.value, locked: true }));
    const lock = element("button", { type: "button", className: "s2i-lock", textContent: locked ? "●" : "○" });
    Object.assign(lock, { title: locked ? this.t.unlock : this.t.lock });
    lock.setAttribute("aria-label", `${locked ? this.t.unlock : this.t.lock} ${index + 1}`);
    lock.setAttribute("aria-pressed", String(locked));
    lock.addEventListener("click", () => this.#change(index, { locked: !locked }));
    return element("span", { className: "s2i-cell" }, input, lock);
  }

  #show() {
    const cells = this.#entries.map((entry, index) => this.#cell(entry, index));
    this.element.replaceChildren(...(cells.length ? cells : [element("span", { className: "s2i-status", textContent: this.t.noPalette })]));
  }
}
