// What the pad's keys do.

const LARGEST = 64; // brush, in pixels of the sheet

/** The action of a keydown event, or undefined. set(changes) changes settings; step("undo" or "redo"). */
export function keyAction(event, { settings, set, step }) {
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    return { z: () => step(event.shiftKey ? "redo" : "undo"), y: () => step("redo") }[key];
  }
  const size = settings[settings.tool];
  return {
    b: () => set({ tool: "pen" }),
    c: () => set({ tool: "dab" }),
    e: () => set({ tool: "eraser" }),
    "[": () => set({ [settings.tool]: Math.max(1, Math.min(size - 1, Math.round(size / 1.2))) }),
    "]": () => set({ [settings.tool]: Math.min(LARGEST, Math.max(size + 1, Math.round(size * 1.2))) }),
  }[key];
}
