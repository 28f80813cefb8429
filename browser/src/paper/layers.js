// The sheet's two layers, ink and dabs of colour: what was drawn is kept, and strokes in progress are laid over it.

import { decode, encode } from "../../pad/drawing.js";
import { layState, layStroke } from "./state.js";

const hidden = () => new OffscreenCanvas(1, 1).getContext("2d");

export class Layers {
  #kept = { ink: hidden(), dabs: hidden() };
  #shown;

  /** ink, dabs: the canvases that are seen. */
  constructor(ink, dabs) {
    this.#shown = { ink: ink.getContext("2d"), dabs: dabs.getContext("2d") };
  }

  /** Without strokes in progress: {ink, dabs} canvases. */
  get canvases() {
    return { ink: this.#kept.ink.canvas, dabs: this.#kept.dabs.canvas };
  }

  /** This drawing, of its own size, in place of what was kept. */
  keep(state) {
    for (const context of [...Object.values(this.#kept), ...Object.values(this.#shown)]) {
      if (context.canvas.width !== state.width) context.canvas.width = state.width;
      if (context.canvas.height !== state.height) context.canvas.height = state.height;
    }
    layState(this.#kept, state);
  }

  /** More strokes, as the file has them. */
  add(strokes) {
    for (const stroke of strokes) layStroke(this.#kept, decode(stroke));
  }

  /** All that is kept, and strokes in progress: as they will be kept, so that nothing moves when the pen is lifted. */
  show(strokes) {
    for (const [name, context] of Object.entries(this.#shown)) {
      context.clearRect(0, 0, context.canvas.width, context.canvas.height);
      context.drawImage(this.#kept[name].canvas, 0, 0);
    }
    for (const stroke of strokes) layStroke(this.#shown, decode(encode(stroke)));
  }
}
