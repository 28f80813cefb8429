// Rows of small pictures to choose from: drawings to begin with, references to paint like.

import { icons } from "./icons.js";

/** One row. choose(entry) when one is chosen; add() for the first tile. entries: {id, name, url}. */
export class Gallery {
  #buttons = new Map();

  constructor(row, { label, choose, add, addLabel, radio }) {
    Object.assign(this, { row, choose, radio });
    row.append(Object.assign(document.createElement("span"), { className: "label", textContent: label }));
    this.adder = Object.assign(document.createElement("button"), { type: "button", className: "add" });
    this.adder.innerHTML = icons.add;
    this.adder.append(addLabel);
    this.adder.addEventListener("click", add);
    row.append(this.adder);
    if (radio) row.addEventListener("keydown", (event) => this.#key(event));
    row.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  /** first: put it before the others, and into view. */
  put(entry, first = false) {
    const button = Object.assign(document.createElement("button"), { type: "button", title: entry.name });
    button.setAttribute("aria-label", entry.name);
    if (this.radio) button.setAttribute("role", "radio");
    button.style.backgroundImage = `url("${entry.url}")`;
    button.addEventListener("click", () => this.choose(entry));
    if (first) this.adder.after(button);
    else this.row.append(button);
    if (first) this.row.scrollTo({ left: 0, behavior: "smooth" });
    this.#buttons.set(entry.id, button);
  }

  mark(id) {
    for (const [key, button] of this.#buttons) {
      button.setAttribute("aria-checked", String(key === id));
      button.tabIndex = key === id ? 0 : -1;
    }
  }

  /** A mouse's wheel turns the only way that the row can go. */
  #wheel(event) {
    if (event.deltaX || this.row.scrollWidth <= this.row.clientWidth) return;
    event.preventDefault();
    this.row.scrollLeft += event.deltaY;
  }

  /** Arrows move the choice, as in any group of radio buttons. */
  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const buttons = [...this.row.querySelectorAll("[role=radio]")];
    const at = buttons.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = buttons[(at + step + buttons.length) % buttons.length];
    next.focus();
    next.click();
  }
}
