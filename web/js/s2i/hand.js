// The hand that draws: one pointer at a time, from its going down to its going up.

import { encode } from "./drawing.js";
import { Pen } from "./pen.js";

const PALM_MS = 1000; // a hand that rests on the screen while a pen writes

export class Hand {
  #canvas;
  #pad;
  #pen = null;
  #lastPen = -Infinity;
  #frame = null;

  /** pad: {settings(), locate(event), began(), grew(), ended(stroke), abandoned()}; a stroke is in the file's form. */
  constructor(canvas, pad) {
    this.#canvas = canvas;
    this.#pad = pad;
    canvas.addEventListener("pointerdown", (e) => this.#down(e));
    canvas.addEventListener("pointermove", (e) => this.#move(e));
    canvas.addEventListener("pointerup", (e) => this.#up(e));
    canvas.addEventListener("pointercancel", () => {
      this.#pen = null;
      pad.abandoned();
    });
    // Would take the focus from the pad's keys.
    canvas.addEventListener("mousedown", (e) => e.preventDefault());
    // The right button erases.
    canvas.addEventListener("contextmenu", (e) => {
      e.preventDefault();
      e.stopPropagation();
    });
  }

  /** The stroke in progress, or null. */
  get stroke() {
    return this.#pen && encode(this.#pen);
  }

  #down(event) {
    if (event.button === 1 || this.#pen || !event.isPrimary) return;
    if (event.pointerType === "pen") this.#lastPen = event.timeStamp;
    else if (event.pointerType === "touch" && event.timeStamp - this.#lastPen < PALM_MS) return;
    event.stopPropagation();
    this.#canvas.setPointerCapture(event.pointerId);
    const settings = this.#pad.settings();
    const tool = event.button === 0 ? settings.tool : "eraser";
    this.#pen = new Pen(event, {
      size: settings[tool],
      erases: tool === "eraser",
      colour: tool === "dab" ? settings.colour : "",
      locate: (e) => this.#pad.locate(e),
    });
    this.#pad.began();
  }

  #move(event) {
    if (!this.#pen) return;
    event.stopPropagation();
    this.#pen.add(event);
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      if (this.#pen) this.#pad.grew();
    });
  }

  #up(event) {
    if (!this.#pen) return;
    event.stopPropagation();
    if (event.pointerType === "pen") this.#lastPen = event.timeStamp;
    const stroke = this.stroke;
    this.#pen = null;
    this.#pad.ended(stroke);
  }
}
