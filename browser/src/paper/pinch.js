// Two fingers on the sheet move it and enlarge it.

export class Pinch {
  #zoom;
  #fingers = new Map();
  #last = null; // where the two were, once there were two

  /** zoom: see zoom.js. */
  constructor(zoom) {
    this.#zoom = zoom;
  }

  /** A finger goes down -> how many there are. The second one begins the pinch. */
  put(event) {
    this.#fingers.set(event.pointerId, event);
    if (this.#fingers.size === 2) this.#last = this.#grip();
    return this.#fingers.size;
  }

  /** A pointer moved -> whether it was the pinch's to follow. */
  move(event) {
    if (this.#fingers.has(event.pointerId)) this.#fingers.set(event.pointerId, event);
    if (!this.#last) return false;
    if (this.#fingers.size >= 2) this.#follow();
    return true;
  }

  /** A pointer went up -> whether there was a pinch, which lasts until the last finger is gone. */
  lift(event) {
    const pinched = this.#last !== null;
    this.#fingers.delete(event.pointerId);
    if (!this.#fingers.size) this.#last = null;
    return pinched;
  }

  cancel(event) {
    this.#fingers.delete(event.pointerId);
    this.#last = null;
  }

  #grip() {
    const [a, b] = [...this.#fingers.values()];
    return {
      x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2,
      reach: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY),
    };
  }

  #follow() {
    const [before, now] = [this.#last, this.#grip()];
    const box = this.#zoom.stages[0].getBoundingClientRect();
    this.#zoom.pan(now.x - before.x, now.y - before.y);
    this.#zoom.by(now.reach / Math.max(1, before.reach), { x: now.x - box.left, y: now.y - box.top });
    this.#last = now;
  }
}
