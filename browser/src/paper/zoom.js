// Looking closer: one place and scale for both sheets, so that drawing and painting stay side by side.

const FARTHEST = 1;
const CLOSEST = 12;

export class Zoom {
  scale = 1;
  x = 0;
  y = 0;

  /** stages: the windows; each shows its first child moved and enlarged. */
  constructor(stages) {
    this.stages = stages;
    for (const stage of stages) {
      stage.addEventListener("wheel", (event) => this.#wheel(event, stage), { passive: false });
      stage.addEventListener("auxclick", (event) => event.preventDefault());
    }
  }

  /** Enlarge by a factor around a point of the window, in CSS pixels. */
  by(factor, { x, y } = this.#middle()) {
    const scale = Math.min(CLOSEST, Math.max(FARTHEST, this.scale * factor));
    const ratio = scale / this.scale;
    this.#put(scale, x - (x - this.x) * ratio, y - (y - this.y) * ratio);
  }

  pan(dx, dy) {
    this.#put(this.scale, this.x + dx, this.y + dy);
  }

  reset() {
    this.#put(1, 0, 0);
  }

  #middle() {
    const stage = this.stages[0];
    return { x: stage.clientWidth / 2, y: stage.clientHeight / 2 };
  }

  #wheel(event, stage) {
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    if (event.shiftKey) this.pan(-event.deltaY, 0);
    else this.by(Math.exp(-event.deltaY / (event.ctrlKey ? 120 : 400)), { x: event.clientX - box.left, y: event.clientY - box.top });
  }

  #put(scale, x, y) {
    const { clientWidth: width, clientHeight: height } = this.stages[0];
    this.scale = scale;
    // The sheet always fills its window.
    this.x = Math.min(0, Math.max(width * (1 - scale), x));
    this.y = Math.min(0, Math.max(height * (1 - scale), y));
    for (const stage of this.stages) {
      stage.firstElementChild.style.transform = scale === 1 ? "" : `translate(${this.x}px, ${this.y}px) scale(${scale})`;
    }
  }
}
