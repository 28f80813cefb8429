// What undo and redo go back and forth between. Drawings are never changed in place, so a state costs a reference.

const LONGEST = 200;

export class History {
  #past = [];
  #future = [];

  constructor(present) {
    this.present = present;
  }

  put(drawing) {
    this.#past = [...this.#past, this.present].slice(-LONGEST);
    this.#future = [];
    this.present = drawing;
  }

  get canUndo() {
    return this.#past.length > 0 || this.present.strokes.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  undo() {
    if (!this.canUndo) return false;
    this.#future.push(this.present);
    // A drawing that came from a file has no past, but its last stroke is known.
    this.present = this.#past.pop() ?? { ...this.present, strokes: this.present.strokes.slice(0, -1) };
    return true;
  }

  redo() {
    if (!this.canRedo) return false;
    this.#past.push(this.present);
    this.present = this.#future.pop();
    return true;
  }
}
