// A picture taken as the drawing: as it is drawn, or its lines traced. A bar on the sheet says which, and offers the other.

import { inkOf, looksLikeScene } from "../paper/photo.js";
import { sheet as sheetOf, sheetSize, SIDE } from "../paper/state.js";
import { readPicture } from "./drop.js";
import { icons } from "./icons.js";

const VARIANT = 2; // of the extractor; the first six go from an outline to a careful study

export class Taken {
  #picture = null; // what was taken
  #bases = new Map(); // "drawn", or the number of a variant -> canvas of black ink on transparency
  #base = null; // what of it lies on the sheet
  #reading = 0; // number of the last reading that was asked for

  /** page: elements by id; say(words), fail(words): to the user. */
  constructor({ page, sheet, painter, say, fail }) {
    Object.assign(this, { page, sheet, painter, say, fail });
    this.choices = [...page.taken.querySelectorAll("[name=reading]")];
    for (const choice of this.choices) choice.addEventListener("change", () => this.#read(choice.value));
    page.variant.addEventListener("change", () => this.#read("traced"));
    page.accept.innerHTML = icons.accept;
    page.accept.setAttribute("aria-label", page.accept.title);
    page.accept.addEventListener("click", () => this.#close());
    sheet.addEventListener("down", () => this.#close());
    sheet.addEventListener("change", () => sheet.state.base !== this.#base && this.#close());
  }

  /** Onto the sheet with it. asked: false for a drawing that is known to be one. */
  async take(file, asked = true) {
    try {
      const bitmap = await readPicture(file, SIDE);
      const { width, height } = bitmap;
      this.#picture = new OffscreenCanvas(width, height);
      const context = this.#picture.getContext("2d");
      context.drawImage(bitmap, 0, 0);
      const pixels = context.getImageData(0, 0, width, height);
      const drawn = inkOf(pixels);
      this.#bases = new Map([["drawn", drawn]]);
      this.page.variant.value = VARIANT;
      this.page.taken.hidden = !asked;
      await this.#read(asked && looksLikeScene(pixels, drawn) ? "traced" : "drawn");
    } catch (error) {
      this.fail(error.message);
    }
  }

  async #read(reading) {
    const mine = ++this.#reading;
    this.#show(reading);
    const variant = Number(this.page.variant.value);
    const key = reading === "traced" ? variant : reading;
    try {
      if (!this.#bases.has(key)) {
        this.#show(reading, true);
        const base = await this.#traced(variant);
        if (mine !== this.#reading) return;
        this.#bases.set(key, base);
      }
    } catch (error) {
      if (mine !== this.#reading) return;
      await this.#read("drawn");
      this.fail(error.message);
      return;
    }
    this.#show(reading);
    this.#base = this.#bases.get(key);
    this.sheet.put(sheetOf(...sheetSize(this.#picture.width, this.#picture.height), this.#base));
    if (this.painter.ready) this.say("");
  }

  async #traced(variant) {
    const ink = await this.painter.trace(await createImageBitmap(this.#picture), variant);
    const canvas = Object.assign(document.createElement("canvas"), { width: ink.width, height: ink.height });
    canvas.getContext("2d").putImageData(ink, 0, 0);
    return canvas;
  }

  #show(reading, working = false) {
    for (const choice of this.choices) choice.checked = choice.value === reading;
    this.page.taken.classList.toggle("working", working);
    this.page.taken.setAttribute("aria-busy", String(working));
    this.page.variant.hidden = reading !== "traced";
    if (working) this.say("Tracing its lines…");
  }

  /** What is read is agreed with, or of no interest any more. */
  #close() {
    this.#reading += 1;
    this.page.taken.hidden = true;
  }
}
