// A drawing on a canvas: what was drawn is kept on layers of its own, and the stroke in progress is laid over them.

import { decode, fit } from "./drawing.js";
import { marks, paintDrawing, paintStroke } from "./ink.js";

const SHARPEST = [1024, 2048]; // the canvas's long side, in its own pixels
const HINTS_SHOW = 0.8; // opacity of colour hints, so that lines and underlay are seen through them

export class Layers {
  #canvas;
  #sheet;
  #kept = { colour: document.createElement("canvas"), ink: document.createElement("canvas") };

  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** width, height: of the sheet, in pixels of the output. The layers are blank then. */
  setSheet(width, height) {
    this.#sheet = { width, height };
    const scale = Math.min(Math.max(1, SHARPEST[0] / Math.max(width, height)), SHARPEST[1] / Math.max(width, height));
    for (const canvas of [this.#canvas, ...Object.values(this.#kept)]) {
      canvas.width = Math.max(1, Math.round(width * scale));
      canvas.height = Math.max(1, Math.round(height * scale));
    }
  }

  /** This drawing, in place of what was kept. */
  keep(drawing) {
    for (const [layer, canvas] of Object.entries(this.#kept)) paintDrawing(canvas.getContext("2d"), drawing, layer);
  }

  /** One more stroke, as the file has it, in a frame of the sheet's size. */
  add(stroke) {
    const added = decode(stroke);
    for (const [layer, canvas] of Object.entries(this.#kept)) {
      if (marks(added, layer)) paintStroke(canvas.getContext("2d"), added, this.#place(canvas));
    }
  }

  /** All that is kept, and the stroke in progress, as the file would have it, or null. */
  show(stroke) {
    const context = this.#canvas.getContext("2d");
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const drawn = stroke && decode(stroke);
    const progress = () => paintStroke(context, drawn, this.#place(this.#canvas));
    context.globalAlpha = HINTS_SHOW;
    context.drawImage(this.#kept.colour, 0, 0);
    if (drawn?.colour) progress();
    context.globalAlpha = 1;
    context.drawImage(this.#kept.ink, 0, 0);
    if (drawn && !drawn.colour) progress();
  }

  #place(canvas) {
    return fit(this.#sheet, canvas.width, canvas.height);
  }
}
