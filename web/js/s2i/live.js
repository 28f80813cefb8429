// Live: one run after each change of the drawing, with at most one run under way and none waiting behind it.

export class Live {
  #timer = null;
  #wanted = false;
  #remaining = 0; // runs in the server's queue, whoever asked for them
  #ours = false;

  /** api: ComfyUI's; submit() -> promise of whether the run was accepted; onState("off"|"ready"|"running"|"failed"). */
  constructor({ api, submit, delay, onState }) {
    Object.assign(this, { api, submit, delay, onState, on: false });
    this.listeners = {
      status: ({ detail }) => this.#counted(detail?.exec_info?.queue_remaining ?? 0),
      execution_error: () => this.#ours && this.#fail(),
    };
    for (const [name, listener] of Object.entries(this.listeners)) api.addEventListener(name, listener);
  }

  dispose() {
    this.turn(false);
    for (const [name, listener] of Object.entries(this.listeners)) this.api.removeEventListener(name, listener);
  }

  turn(on) {
    this.on = on;
    if (!on) this.#wanted = false;
    clearTimeout(this.#timer);
    this.#tell();
    if (on) this.changed();
  }

  /** The drawing changed: run soon, however often this is said. Without a delay it is sent before the browser turns to
   * what else a stroke's end means to it. */
  changed() {
    if (!this.on) return;
    this.#wanted = true;
    clearTimeout(this.#timer);
    const delay = this.delay();
    if (delay > 0) this.#timer = setTimeout(() => this.#pump(), delay);
    else this.#pump();
  }

  #tell() {
    this.onState(!this.on ? "off" : this.#ours ? "running" : "ready");
  }

  #counted(remaining) {
    this.#remaining = remaining;
    if (remaining) return;
    this.#ours = false;
    this.#tell();
    this.#pump();
  }

  async #pump() {
    if (!this.on || !this.#wanted || this.#remaining) return;
    this.#wanted = false;
    // Until the server counts for itself.
    this.#remaining = 1;
    this.#ours = true;
    this.#tell();
    let accepted = false;
    try {
      accepted = await this.submit();
    } finally {
      if (!accepted) {
        this.#remaining = 0;
        this.#fail();
      }
    }
  }

  /** A run that fails once fails again at the next stroke: stop instead of raising a dialog at each. */
  #fail() {
    this.#ours = false;
    this.on = this.#wanted = false;
    clearTimeout(this.#timer);
    this.onState("failed");
  }
}
