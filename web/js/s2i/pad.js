// The Sketch Pad: a sheet of paper with its tools, as one element. It knows nothing of ComfyUI.

import { ColourRow } from "./colour_row.js";
import { element } from "./controls.js";
import { fit, parse, reframe, serialise } from "./drawing.js";
import { Hand } from "./hand.js";
import { History } from "./history.js";
import { keyAction } from "./keys.js";
import { Layers } from "./layers.js";
import { sheetElements, takePictures } from "./sheet.js";
import { Toolbar } from "./toolbar.js";

export class SketchPad {
  #history;
  #unread = null; // a text that is not a drawing: kept until something is drawn
  #hand;
  #layers;

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
    this.#layers.setSheet(width, height);
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
    Object.assign(this, sheetElements(this.t));
    this.#layers = new Layers(this.canvas);
    this.#hand = new Hand(this.canvas, {
      settings: () => this.settings,
      locate: (event) => this.#locate(event),
      began: () => {
        this.keys.focus({ preventScroll: true });
        this.hint.hidden = true;
        this.#paintProgress();
      },
      grew: () => this.#paintProgress(),
      ended: (stroke) => this.#add(stroke),
      abandoned: () => this.#repaint(),
    });
    const rows = [this.toolbar.row, this.colours.row, this.colours.picture, this.toolbar.underlayRow];
    this.element = element("div", { className: "s2i-pad" }, ...rows, this.stage, this.status, this.file);
    this.underlay.addEventListener("error", () => {
      this.underlay.hidden = true;
      this.say(this.t.missing);
    });
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
    this.canvas.addEventListener("pointermove", (e) => this.#follow(e));
    this.canvas.addEventListener("pointerleave", () => (this.cursor.hidden = true));
    this.element.addEventListener("keydown", (e) => this.#key(e));
    // A click on a tool leaves the keys with the sheet.
    this.element.addEventListener("click", (e) => e.detail && !e.target.closest("input") && this.keys.focus({ preventScroll: true }));
    takePictures(this.element, (file) => this.host.loadPicture(file));
  }

  #locate(event) {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.width,
      y: ((event.clientY - box.top) / box.height) * this.height,
    };
  }

  #add(stroke) {
    const drawing = reframe(this.#history.present, this.width, this.height);
    // An eraser on blank paper is no stroke.
    if (stroke.e && !drawing.strokes.length) return this.#repaint();
    const whole = drawing !== this.#history.present || this.#unread;
    this.#put({ ...drawing, strokes: [...drawing.strokes, stroke] }, whole ? null : stroke);
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
      this.#layers.add(added);
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
    // As it will be kept, so that nothing moves when the pen is lifted.
    this.#layers.show(this.#hand.stroke);
  }

  #repaint() {
    this.#layers.keep(this.#history.present);
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
    this.hint.hidden = strokes.length > 0 || Boolean(underlay) || Boolean(this.#hand.stroke);
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
    const action = keyAction(event, {
      settings: this.settings,
      set: (changes) => this.#set(changes),
      step: (direction) => this.#step(direction),
    });
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }
}
