// The pad's row for colour hints: the colour that is dabbed, those of the reference, and an eyedropper over it.

import { colourAt, copyOf, mainColours } from "./colours.js";
import { button, element } from "./controls.js";

const SHARPEST = 480; // pixels of the reference under the eyedropper

export class ColourRow {
  #reference = null; // the picture as a canvas, once it is asked for

  /** pick(colour); reference() -> promise of an HTMLImageElement, or of null where the graph shows none. */
  constructor(t, { pick, reference }) {
    Object.assign(this, { t, pick, reference });
    this.input = element("input", { type: "color", className: "s2i-colour", title: t.colour });
    this.input.setAttribute("aria-label", t.colour);
    this.input.addEventListener("input", () => pick(this.input.value));
    this.swatches = element("span", { className: "s2i-swatches" });
    this.dropper = button("eyedropper", t.eyedropper, () => this.#toggle());
    this.row = element("div", { className: "s2i-row", hidden: true }, this.input, this.swatches, this.dropper);
    this.picture = element("div", { className: "s2i-reference", hidden: true });
  }

  show(active, colour) {
    const opened = active && this.row.hidden;
    this.row.hidden = !active;
    if (!active) this.#close();
    this.input.value = colour;
    for (const swatch of this.swatches.children) swatch.setAttribute("aria-pressed", String(swatch.title === colour));
    if (opened) this.#look();
  }

  /** Look at the reference again: it may be another one by now. */
  async #look() {
    const image = await this.reference();
    this.#reference = image && copyOf(image, SHARPEST);
    this.dropper.disabled = !image;
    this.dropper.title = image ? this.t.eyedropper : this.t.noReference;
    this.swatches.replaceChildren(...(image ? mainColours(image) : []).map((colour) => this.#swatch(colour)));
  }

  #swatch(colour) {
    const made = element("button", { type: "button", className: "s2i-swatch", title: colour });
    made.setAttribute("aria-label", colour);
    made.setAttribute("aria-pressed", String(colour === this.input.value));
    made.style.background = colour;
    made.addEventListener("click", () => this.pick(colour));
    return made;
  }

  #toggle() {
    if (!this.picture.hidden || !this.#reference) return this.#close();
    const canvas = this.#reference;
    canvas.title = this.t.pickHere;
    canvas.onclick = (event) => {
      const box = canvas.getBoundingClientRect();
      const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      const colour = colourAt(canvas, x * canvas.width, y * canvas.height);
      if (colour) this.pick(colour);
      this.#close();
    };
    this.picture.replaceChildren(canvas);
    this.picture.hidden = false;
    this.dropper.setAttribute("aria-pressed", "true");
  }

  #close() {
    this.picture.hidden = true;
    this.dropper.setAttribute("aria-pressed", "false");
  }
}
