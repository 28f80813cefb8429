// The drawing sheet: pointers and keys in, a drawing out.

import { History } from "../../pad/history.js";
import { Pen } from "../../pad/pen.js";
import { Layers } from "./layers.js";
import { Pinch } from "./pinch.js";
import { isBlank, mirrored, moved, sheet, SIDE, withStrokes } from "./state.js";

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
  #pinch;
  #layers;
  #lastPen = -Infinity;
  #frame = null;

  /** ink, dabs: the canvases; cursor: the brush's outline; zoom: see zoom.js. */
  constructor({ ink, dabs, cursor, zoom }) {
    super();
    Object.assign(this, { canvas: ink, cursor, zoom });
    this.#layers = new Layers(ink, dabs);
    this.#pinch = new Pinch(zoom);
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
    return this.#layers.canvases;
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
    this.#restored();
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
    this.#layers.keep(this.state);
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
    this.#layers.show(this.#pen ? this.#strokes() : []);
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
    this.#layers.add(this.state.strokes.slice(-strokes.length));
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
      const fingers = this.#pinch.put(event);
      if (fingers === 2) return this.#drop();
      if (fingers > 2) return;
    } else if (event.pointerType === "pen") this.#lastPen = event.timeStamp;
    if (this.#pen) return;
    this.#liftKeys();
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.focus({ preventScroll: true });
    if (event.button === 1) this.panning = event;
    else this.#begin(event, event.button !== 0 || this.tool === "eraser");
  }

  #move(event) {
    if (this.#pinch.move(event)) return;
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
    if (event.pointerType === "pen") this.#lastPen = event.timeStamp;
    this.panning = null;
    if (!this.#pinch.lift(event) && this.#pen && !this.crosshair) this.#finish();
  }

  #abandon(event) {
    this.#pinch.cancel(event);
    this.panning = null;
    this.#drop();
  }

  /** Forget the stroke in progress. */
  #drop() {
    if (!this.#pen) return;
    this.#pen = null;
    this.dispatchEvent(new Event("up"));
    this.#show();
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
      this.crosshair = moved(this.crosshair, way.map((n) => n * (event.shiftKey ? STEP / 4 : STEP)), this.state);
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
