// Pointer events -> the points of one stroke.

const CLOSEST = 1.5; // pixels of the sheet: nearer points only repeat the hand's tremble
const FAINTEST = 0.12; // of the brush, at no pressure

export class Pen {
  /** locate(event) -> {x, y} in pixels of the sheet. */
  constructor(event, { size, erases, colour, locate }) {
    Object.assign(this, { size, erases, colour, locate, points: [], share: null });
    this.add(event);
  }

  /** Share of the brush. Only pens know how hard they are pressed: mice and screens say no more than that they are. */
  #target(event) {
    return event.pointerType === "pen" ? FAINTEST + (1 - FAINTEST) * event.pressure ** 0.8 : 1;
  }

  add(event) {
    // Everything that happened since the last frame, not only the last of it.
    const all = event.getCoalescedEvents?.() ?? [];
    for (const moment of all.length ? all : [event]) {
      const { x, y } = this.locate(moment);
      const target = this.#target(moment);
      // Pressure arrives in coarse, nervous steps.
      this.share = this.share === null ? target : this.share + (target - this.share) * 0.5;
      const point = { x, y, share: Math.min(1, this.share) };
      if (event.shiftKey && this.points.length) {
        this.points = [this.points[0], { ...point, share: this.points[0].share }];
        continue;
      }
      const last = this.points.at(-1);
      if (last && Math.hypot(x - last.x, y - last.y) < CLOSEST) continue;
      this.points.push(point);
    }
  }
}
