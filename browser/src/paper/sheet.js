// The drawing sheet: pointers and keys in, a drawing out.

import { History } from "../../pad/history.js";
import { Pen } from "../../pad/pen.js";
import { decode, encode } from "../../pad/drawing.js";
import { isBlank, layState, layStroke, mirrored, sheet, SIDE, withStrokes } from "./state.js";

const PALM_MS = 1000; // a hand that rests on the screen while a pen writes
const STEP = 16; // of an arrow key, in pixels of the sheet; with shift a quarter

/** Fires "change" when the drawing changed, "down" and "up" of the pen, and "state" when a tool did. */
export class Sheet extends EventTarget {
  tool = "pen";
  sizes = { pen: 8, eraser: 36, dab: 56 };
  colour = "#d9482b";
  mirror = false;
  #history = new History(sheet(SIDE, SIDE));
  #pen = null;
  #pointers = new Map();
  #pinch = null;
  #lastPen = -Infinity;
  #frame = null;
  #kept = { ink: new OffscreenCanvas(1, 1).getContext("2d"), dabs: new OffscreenCanvas(1, 1).getContext("2d") };

  /** ink, dabs: the canvases; cursor: the brush's outline; zoom: see zoom.js. */
  constructor({ ink, dabs, cursor, zoom }) {
    super();
    Object.assign(this, { canvas: ink, cursor, zoom });
    this.shown = { ink: ink.getContext("2d"), dabs: dabs.getContext("2d") };
    ink.addEventListener("pointerdown", (event) => this.#down(event));
    ink.addEventListener("pointermove", (event) => this.#move(event));
    ink.addEventListener("pointerup", (event) => this.#up(event));
    ink.addEventListener("pointercancel", (event) => this.#abandon(event));
    ink.addEventListener("pointerleave", () => (this.cursor.hidden = !this.crosshair));
    ink.addEventListener("contextmenu", (event) => event.preventDefault());
    ink.addEventListener("keydown", (event) => this.#key(event));
    ink.addEventListener("blur", () => this.#liftKeys());
    this.repaint();
  }

  get state() {
    return this.#history.present;
  }

  get canUndo() {
    return this.#history.canUndo;
  }

  get canRedo() {
    return this.#history.canRedo;
  }

  get blank() {
    return isBlank(this.state);
  }

  get drawing() {
    return Boolean(this.#pen);
  }

  /** The strokes so far, without the one in progress: {ink, dabs} canvases. */
  get layers() {
    return { ink: this.#kept.ink.canvas, dabs: this.#kept.dabs.canvas };
  }

  get hasDabs() {
    return this.state.strokes.some((stroke) => stroke.c);
  }

  set(changes) {
    Object.assign(this, changes);
    this.dispatchEvent(new Event("state"));
  }

  setSize(size) {
    this.sizes[this.tool] = Math.min(160, Math.max(1, size));
    this.dispatchEvent(new Event("state"));
  }

  put(state) {
    this.#history.put(state);
    this.repaint();
    this.#changed();
  }

  undo() {
    if (this.#history.undo()) this.#restored();
  }

  redo() {
    if (this.#history.redo()) this.#restored();
  }

  clear() {
    if (!this.blank) this.put(sheet(this.state.width, this.state.height));
  }

  repaint() {
    const { width, height } = this.state;
    for (const context of [...Object.values(this.#kept), ...Object.values(this.shown)]) {
      if (context.canvas.width !== width) context.canvas.width = width;
      if (context.canvas.height !== height) context.canvas.height = height;
    }
    layState(this.#kept, this.state);
    this.#show();
  }

  #restored() {
    this.repaint();
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("state"));
    this.dispatchEvent(new Event("change"));
  }

  // -- strokes -----------------------------------------------------------------------------------------------------

  #strokes() {
    const { points, size, erases } = this.#pen;
    const stroke = { points, size, erases, ...(this.tool === "dab" && !erases && { colour: this.colour }) };
    return this.mirror ? [stroke, mirrored(stroke, this.state.width)] : [stroke];
  }

  #show() {
    for (const [name, context] of Object.entries(this.shown)) {
      context.clearRect(0, 0, context.canvas.width, context.canvas.height);
      context.drawImage(this.#kept[name].canvas, 0, 0);
    }
    if (!this.#pen) return;
    // As it will be kept, so that nothing moves when the pen is lifted.
    for (const stroke of this.#strokes()) layStroke(this.shown, decode(encode(stroke)));
  }

  #showSoon() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#show();
    });
  }

  #begin(event, erases) {
    const size = this.sizes[erases ? "eraser" : this.tool];
    this.#pen = new Pen(event, { size, erases, locate: (moment) => moment.at ?? this.locate(moment) });
    this.dispatchEvent(new Event("down"));
    this.#showSoon();
  }

  #finish() {
    const strokes = this.#strokes();
    this.#pen = null;
    this.dispatchEvent(new Event("up"));
    // An eraser on blank paper is no stroke.
    if (strokes[0].erases && this.blank) return this.#show();
    this.#history.put(withStrokes(this.state, strokes));
    for (const stroke of this.state.strokes.slice(-strokes.length)) {
      layStroke(this.#kept, decode(stroke));
    }
    this.#show();
    this.#changed();
  }

  // -- pointers ----------------------------------------------------------------------------------------------------

  locate(event) {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.state.width,
      y: ((event.clientY - box.top) / box.height) * this.state.height,
    };
  }

  #down(event) {
    if (event.pointerType === "touch") {
      if (event.timeStamp - this.#lastPen < PALM_MS) return;
      this.#pointers.set(event.pointerId, event);
      if (this.#pointers.size === 2) return this.#startPinch();
      if (this.#pointers.size > 2) return;
    } else if (event.pointerType === "pen") this.#lastPen = event.timeStamp;
    if (this.#pen) return;
    this.#liftKeys();
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.focus({ preventScroll: true });
    if (event.button === 1) this.panning = event;
    else this.#begin(event, event.button !== 0 || this.tool === "eraser");
  }

  #move(event) {
    if (this.#pointers.has(event.pointerId)) this.#pointers.set(event.pointerId, event);
    if (this.#pinch) return this.#movePinch();
    this.#follow(event);
    if (this.panning) {
      this.zoom.pan(event.clientX - this.panning.clientX, event.clientY - this.panning.clientY);
      this.panning = event;
    } else if (this.#pen && !this.crosshair) {
      this.#pen.add(event);
      this.#showSoon();
    }
  }

  #up(event) {
    this.#pointers.delete(event.pointerId);
    if (event.pointerType === "pen") this.#lastPen = event.timeStamp;
    this.panning = null;
    if (this.#pinch) this.#pinch = this.#pointers.size ? this.#pinch : null;
    else if (this.#pen && !this.crosshair) this.#finish();
  }

  #abandon(event) {
    this.#pointers.delete(event.pointerId);
    this.panning = this.#pinch = null;
    this.#drop();
  }

  /** Forget the stroke in progress. */
  #drop() {
    if (!this.#pen) return;
    this.#pen = null;
    this.dispatchEvent(new Event("up"));
    this.#show();
  }

  #startPinch() {
    this.#drop();
    this.#pinch = this.#grip();
  }

  #grip() {
    const [a, b] = [...this.#pointers.values()];
    return {
      x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2,
      reach: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY),
    };
  }

  #movePinch() {
    if (this.#pointers.size < 2) return;
    const [before, now] = [this.#pinch, this.#grip()];
    const box = this.zoom.stages[0].getBoundingClientRect();
    this.zoom.pan(now.x - before.x, now.y - before.y);
    this.zoom.by(now.reach / Math.max(1, before.reach), { x: now.x - box.left, y: now.y - box.top });
    this.#pinch = now;
  }

  #follow(event) {
    if (this.crosshair) return;
    this.cursor.hidden = event.pointerType === "touch";
    this.#placeCursor(this.locate(event));
  }

  #placeCursor({ x, y }) {
    const diameter = (this.sizes[this.tool] * this.canvas.clientWidth) / this.state.width;
    Object.assign(this.cursor.style, {
      width: `${diameter}px`, height: `${diameter}px`,
      left: `${(x / this.state.width) * 100}%`, top: `${(y / this.state.height) * 100}%`,
    });
  }

  // -- keys: arrows move a crosshair, the space bar puts the pen down and lifts it -------------------------------------

  #key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way && event.key !== " ") return;
    event.preventDefault();
    const { width, height } = this.state;
    this.crosshair ??= { x: width / 2, y: height / 2 };
    if (way) {
      const step = event.shiftKey ? STEP / 4 : STEP;
      this.crosshair = {
        x: Math.min(width, Math.max(0, this.crosshair.x + way[0] * step)),
        y: Math.min(height, Math.max(0, this.crosshair.y + way[1] * step)),
      };
      this.#pen?.add({ at: this.crosshair });
      this.#showSoon();
    } else if (this.#pen) this.#finish();
    else this.#begin({ at: this.crosshair }, this.tool === "eraser");
    this.cursor.hidden = false;
    this.canvas.parentElement.classList.add("by-keys");
    this.cursor.classList.toggle("down", Boolean(this.#pen));
    this.#placeCursor(this.crosshair);
  }

  #liftKeys() {
    if (!this.crosshair) return;
    if (this.#pen) this.#finish();
    this.crosshair = null;
    this.canvas.parentElement.classList.remove("by-keys");
    this.cursor.hidden = true;
    this.cursor.classList.remove("down");
  }
}
