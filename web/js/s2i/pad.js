// The Sketch Pad: a sheet of paper with its tools, as one element. It knows nothing of ComfyUI.

import { ColourRow } from "./colour_row.js";
import { decode, encode, fit, parse, reframe, serialise } from "./drawing.js";
import { History } from "./history.js";
import { marks, paintDrawing, paintStroke } from "./ink.js";
import { Pen } from "./pen.js";
import { Toolbar } from "./toolbar.js";

const SHARPEST = [1024, 2048]; // the canvas's long side, in its own pixels
const HINTS_SHOW = 0.8; // opacity of colour hints, so that lines and underlay are seen through them
const PALM_MS = 1000; // a hand that rests on the screen while a pen writes

export class SketchPad {
  #history;
  #unread = null; // a text that is not a drawing: kept until something is drawn
  #pen = null;
  #lastPen = -Infinity;
  // Committed strokes; the visible canvas adds the one in progress.
  #layers = { colour: document.createElement("canvas"), ink: document.createElement("canvas") };

  /**
   * t: words; settings: {tool, pen, dab, eraser, colour, underlay, opacity}, a plain object that the host
   * keeps; host: {changed(), settingsChanged(), loadPicture(file), fitSheet(width, height), live(), reference()}.
   */
  constructor({ t, settings, host }) {
    Object.assign(this, { t, settings, host, width: 512, height: 512 });
    this.#history = new History(parse("", 512, 512));
    this.#build();
    this.#listen();
    this.setSheet(512, 512);
  }

  // -- the value: what the workflow saves ------------------------------------------------------------------------

  get value() {
    return this.#unread ?? serialise(this.#history.present);
  }

  set value(text) {
    text = String(text ?? "");
    if (text === this.value) return;
    const drawing = parse(text, this.width, this.height);
    this.#unread = drawing ? null : text;
    this.#history = new History(drawing ?? parse("", this.width, this.height));
    this.#repaint();
    if (!drawing) this.say(this.t.unreadable);
  }

  /** The sheet's size in pixels of the output. The drawing is fitted to it. */
  setSheet(width, height) {
    Object.assign(this, { width, height });
    const scale = Math.min(Math.max(1, SHARPEST[0] / Math.max(width, height)), SHARPEST[1] / Math.max(width, height));
    for (const canvas of [this.canvas, ...Object.values(this.#layers)]) {
      canvas.width = Math.max(1, Math.round(width * scale));
      canvas.height = Math.max(1, Math.round(height * scale));
    }
    this.#layOut();
    this.#repaint();
  }

  /** Show settings that the host changed. */
  refresh() {
    this.#show();
  }

  /** url: of the picture to trace, or null. */
  setUnderlay(url) {
    this.underlay.hidden = !url;
    if (url) this.underlay.src = url;
    else this.underlay.removeAttribute("src");
    this.#show();
  }

  say(message) {
    this.status.textContent = message;
  }

  // -- elements --------------------------------------------------------------------------------------------------

  #build() {
    const make = (tag, className, parent) => {
      const made = document.createElement(tag);
      made.className = className;
      parent?.append(made);
      return made;
    };
    this.element = make("div", "s2i-pad");
    this.toolbar = new Toolbar(this.t, {
      tool: (tool) => this.#set({ tool }),
      size: (size) => this.#set({ [this.settings.tool]: size }),
      undo: () => this.#step("undo"),
      redo: () => this.#step("redo"),
      clear: () => this.clear(),
      load: () => this.file.click(),
      opacity: (opacity) => this.#set({ opacity }),
      fitSheet: () => this.host.fitSheet(this.underlay.naturalWidth, this.underlay.naturalHeight),
      remove: () => {
        this.#set({ underlay: "" });
        this.setUnderlay(null);
      },
      live: () => this.host.live(),
    });
    this.colours = new ColourRow(this.t, {
      pick: (colour) => this.#set({ colour }),
      reference: () => this.host.reference(),
    });
    this.element.append(this.toolbar.row, this.colours.row, this.colours.picture, this.toolbar.underlayRow);
    this.stage = make("div", "s2i-stage", this.element);
    this.paper = make("div", "s2i-paper", this.stage);
    // The browser's own tooltip must not cover the drawing.
    this.paper.title = "";
    this.underlay = make("img", "s2i-underlay", this.paper);
    Object.assign(this.underlay, { hidden: true, alt: "", draggable: false });
    this.underlay.addEventListener("error", () => {
      this.underlay.hidden = true;
      this.say(this.t.missing);
    });
    this.canvas = make("canvas", "s2i-canvas", this.paper);
    this.hint = make("span", "s2i-hint", this.paper);
    this.hint.textContent = this.t.hint;
    this.cursor = make("span", "s2i-cursor", this.paper);
    this.cursor.hidden = true;
    // ComfyUI leaves the keys to a text area that has the focus; anywhere else Ctrl+Z would undo the graph.
    this.keys = make("textarea", "s2i-keys", this.paper);
    Object.assign(this.keys, { readOnly: true, inputMode: "none" });
    this.keys.setAttribute("aria-label", this.t.sheet);
    this.status = make("div", "s2i-status", this.element);
    this.status.setAttribute("role", "status");
    this.file = Object.assign(make("input", "", this.element), { type: "file", accept: "image/*", hidden: true });
    this.file.addEventListener("change", () => {
      if (this.file.files[0]) this.host.loadPicture(this.file.files[0]);
      this.file.value = "";
    });
    new ResizeObserver(() => this.#layOut()).observe(this.stage);
  }

  #layOut() {
    const { scale } = fit(this, this.stage.clientWidth, this.stage.clientHeight);
    if (!(scale > 0)) return;
    this.paper.style.width = `${Math.floor(this.width * scale)}px`;
    this.paper.style.height = `${Math.floor(this.height * scale)}px`;
  }

  // -- drawing ---------------------------------------------------------------------------------------------------

  #listen() {
    const canvas = this.canvas;
    canvas.addEventListener("pointerdown", (e) => this.#down(e));
    canvas.addEventListener("pointermove", (e) => this.#move(e));
    canvas.addEventListener("pointerup", (e) => this.#up(e));
    canvas.addEventListener("pointercancel", () => this.#abandon());
    canvas.addEventListener("pointerleave", () => (this.cursor.hidden = true));
    // Would take the focus from `keys`.
    canvas.addEventListener("mousedown", (e) => e.preventDefault());
    canvas.addEventListener("contextmenu", (e) => {
      e.preventDefault();
      e.stopPropagation();
    });
    this.element.addEventListener("keydown", (e) => this.#key(e));
    // A click on a tool leaves the keys with the sheet.
    this.element.addEventListener("click", (e) => e.detail && !e.target.closest("input") && this.keys.focus({ preventScroll: true }));
    for (const name of ["dragenter", "dragover", "drop"]) {
      this.element.addEventListener(name, (e) => {
        const file = [...(e.dataTransfer?.files ?? [])].find((f) => f.type.startsWith("image/"));
        if (!file && name === "drop") return;
        e.preventDefault();
        e.stopPropagation();
        if (file && name === "drop") this.host.loadPicture(file);
      });
    }
  }

  #locate(event) {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.width,
      y: ((event.clientY - box.top) / box.height) * this.height,
    };
  }

  #down(event) {
    if (event.button === 1 || this.#pen || !event.isPrimary) return;
    if (event.pointerType === "pen") this.#lastPen = event.timeStamp;
    else if (event.pointerType === "touch" && event.timeStamp - this.#lastPen < PALM_MS) return;
    event.stopPropagation();
    this.canvas.setPointerCapture(event.pointerId);
    this.keys.focus({ preventScroll: true });
    const tool = event.button === 0 ? this.settings.tool : "eraser";
    this.#pen = new Pen(event, {
      size: this.settings[tool],
      erases: tool === "eraser",
      colour: tool === "dab" ? this.settings.colour : "",
      locate: (e) => this.#locate(e),
    });
    this.hint.hidden = true;
    this.#paintProgress();
  }

  #move(event) {
    this.#follow(event);
    if (!this.#pen) return;
    event.stopPropagation();
    this.#pen.add(event);
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.#pen) this.#paintProgress();
    });
  }

  #up(event) {
    if (!this.#pen) return;
    event.stopPropagation();
    if (event.pointerType === "pen") this.#lastPen = event.timeStamp;
    const stroke = encode(this.#pen);
    this.#pen = null;
    const drawing = reframe(this.#history.present, this.width, this.height);
    // An eraser on blank paper is no stroke.
    if (stroke.e && !drawing.strokes.length) return this.#repaint();
    const whole = drawing !== this.#history.present || this.#unread;
    this.#put({ ...drawing, strokes: [...drawing.strokes, stroke] }, whole ? null : stroke);
  }

  #abandon() {
    this.#pen = null;
    this.#repaint();
  }

  #follow(event) {
    const diameter = (this.settings[this.settings.tool] * this.paper.clientWidth) / this.width;
    const { x, y } = this.#locate(event);
    this.cursor.hidden = event.pointerType === "touch";
    Object.assign(this.cursor.style, {
      width: `${diameter}px`,
      height: `${diameter}px`,
      left: `${(x / this.width) * 100}%`,
      top: `${(y / this.height) * 100}%`,
    });
  }

  clear() {
    if (this.#history.present.strokes.length || this.#unread) this.#put(parse("", this.width, this.height));
  }

  /** added: the stroke by which the drawing grew, if that is all that changed. */
  #put(drawing, added = null) {
    this.#unread = null;
    this.#history.put(drawing);
    if (added) {
      const stroke = decode(added);
      for (const [layer, canvas] of Object.entries(this.#layers)) {
        if (marks(stroke, layer)) paintStroke(canvas.getContext("2d"), stroke, fit(this, canvas.width, canvas.height));
      }
      this.#paintProgress();
      this.#show();
    } else this.#repaint();
    this.host.changed();
  }

  #step(direction) {
    if (!this.#history[direction]()) return;
    this.#repaint();
    this.host.changed();
  }

  // -- painting --------------------------------------------------------------------------------------------------

  #paintProgress() {
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    // As it will be kept, so that nothing moves when the pen is lifted.
    const stroke = this.#pen && decode(encode(this.#pen));
    const progress = () => paintStroke(context, stroke, fit(this, this.canvas.width, this.canvas.height));
    context.globalAlpha = HINTS_SHOW;
    context.drawImage(this.#layers.colour, 0, 0);
    if (stroke?.colour) progress();
    context.globalAlpha = 1;
    context.drawImage(this.#layers.ink, 0, 0);
    if (stroke && !stroke.colour) progress();
  }

  #repaint() {
    for (const [layer, canvas] of Object.entries(this.#layers)) {
      paintDrawing(canvas.getContext("2d"), this.#history.present, layer);
    }
    this.#paintProgress();
    this.#show();
  }

  #show() {
    const { strokes } = this.#history.present;
    const { tool, colour, underlay, opacity } = this.settings;
    this.colours.show(tool === "dab", colour);
    this.toolbar.show({
      tool, underlay, opacity,
      size: this.settings[tool],
      canUndo: this.#history.canUndo,
      canRedo: this.#history.canRedo,
      canClear: strokes.length > 0 || Boolean(this.#unread),
    });
    this.underlay.style.opacity = opacity;
    this.hint.hidden = strokes.length > 0 || Boolean(underlay) || Boolean(this.#pen);
    this.canvas.dataset.tool = tool;
    const drawn = strokes.length ? ` · ${this.t.strokes(strokes.length)}` : "";
    this.say(`${this.width} × ${this.height}${drawn}`);
  }

  // -- keys ------------------------------------------------------------------------------------------------------

  #set(changes) {
    Object.assign(this.settings, changes);
    this.#show();
    this.host.settingsChanged();
  }

  #key(event) {
    const key = event.key.toLowerCase();
    if (key === "control" || key === "meta") {
      // Before the Z arrives: see `keys`.
      this.keys.focus({ preventScroll: true });
      return;
    }
    const size = this.settings[this.settings.tool];
    const command = event.ctrlKey || event.metaKey;
    const action = command
      ? { z: () => this.#step(event.shiftKey ? "redo" : "undo"), y: () => this.#step("redo") }[key]
      : {
          b: () => this.#set({ tool: "pen" }),
          c: () => this.#set({ tool: "dab" }),
          e: () => this.#set({ tool: "eraser" }),
          "[": () => this.#set({ [this.settings.tool]: Math.max(1, Math.min(size - 1, Math.round(size / 1.2))) }),
          "]": () => this.#set({ [this.settings.tool]: Math.min(64, Math.max(size + 1, Math.round(size * 1.2))) }),
        }[key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }
}
