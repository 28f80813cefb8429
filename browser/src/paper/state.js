// What is on the sheet, as values that never change: undo and redo only choose between them.

import { blank, decode, encode } from "../../pad/drawing.js";
import { marks, paintStroke } from "../../pad/ink.js";

export const SIDE = 1024; // pixels of the sheet's long side

/** A blank sheet, or one with a dropped drawing below the strokes. base: canvas of black ink on transparency, or null. */
export const sheet = (width, height, base = null) => ({ ...blank(width, height), base });

/** Sides of a sheet of a picture's shape. */
export function sheetSize(width, height) {
  const scale = SIDE / Math.max(width, height);
  return [width, height].map((n) => Math.max(64, Math.round((n * scale) / 4) * 4));
}

export const isBlank = ({ strokes, base }) => !strokes.length && !base;

/** The state with strokes added; each is {points, size, erases, colour}, colour being "#rrggbb" for a dab. */
export const withStrokes = (state, strokes) => ({ ...state, strokes: [...state.strokes, ...strokes.map(encode)] });

/** A stroke as seen in a mirror that stands upright in the middle of the sheet. */
export function mirrored(stroke, width) {
  return { ...stroke, points: stroke.points.map((p) => ({ ...p, x: width - p.x })) };
}

/** A place moved by a step, but not beyond the sheet. */
export const moved = ({ x, y }, [dx, dy], { width, height }) => ({
  x: Math.min(width, Math.max(0, x + dx)),
  y: Math.min(height, Math.max(0, y + dy)),
});

/** Paint one stroke on the contexts it belongs to: lines on ink, dabs on colour; the eraser takes from both. */
export function layStroke({ ink, dabs }, stroke) {
  const whole = { scale: 1, x: 0, y: 0 };
  if (marks(stroke, "colour")) paintStroke(dabs, stroke, whole);
  if (marks(stroke, "ink")) paintStroke(ink, stroke, whole);
}

/** Paint a whole state, from nothing. */
export function layState(contexts, state) {
  for (const context of Object.values(contexts)) context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  if (state.base) contexts.ink.drawImage(state.base, 0, 0, state.width, state.height);
  for (const stroke of state.strokes) layStroke(contexts, decode(stroke));
}
