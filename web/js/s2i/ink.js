// Strokes -> pixels, by s2i/imaging/strokes/brush.py: a disc at every point of the curve, a band between each two.

import { decode, fit } from "./drawing.js";

/** Control points {x, y, r} -> points of the curve they steer, close enough together to look round. */
function* curve(control) {
  yield control[0];
  if (control.length < 3) {
    yield* control.slice(1);
    return;
  }
  const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, r: (a.r + b.r) / 2 });
  let start = control[0];
  for (let i = 1; i < control.length - 1; i++) {
    const via = control[i];
    const end = i === control.length - 2 ? control[i + 1] : middle(via, control[i + 1]);
    const reach = Math.hypot(via.x - start.x, via.y - start.y) + Math.hypot(end.x - via.x, end.y - via.y);
    const steps = Math.min(48, Math.max(1, Math.ceil(reach / 3)));
    for (let k = 1; k <= steps; k++) {
      const t = k / steps;
      const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
      yield {
        x: a * start.x + b * via.x + c * end.x,
        y: a * start.y + b * via.y + c * end.y,
        r: a * start.r + b * via.r + c * end.r,
      };
    }
    start = end;
  }
}

/** Draw one stroke, given as points in pixels of a frame that lies on the canvas as `place` says. */
export function paintStroke(context, { points, size, erases, colour }, place) {
  const control = points.map((p) => ({
    x: p.x * place.scale + place.x,
    y: p.y * place.scale + place.y,
    r: (Math.min(1, Math.max(0, p.share)) * size * place.scale) / 2,
  }));
  context.globalCompositeOperation = erases ? "destination-out" : "source-over";
  context.fillStyle = colour || "#000";
  context.beginPath();
  let last = null;
  for (const p of curve(control)) {
    context.moveTo(p.x + p.r, p.y);
    context.arc(p.x, p.y, p.r, 0, 2 * Math.PI);
    const length = last && Math.hypot(p.x - last.x, p.y - last.y);
    if (length) {
      const [nx, ny] = [(last.y - p.y) / length, (p.x - last.x) / length];
      // Clockwise like the discs: contours that turn the same way add up instead of cutting holes.
      context.moveTo(last.x - nx * last.r, last.y - ny * last.r);
      context.lineTo(p.x - nx * p.r, p.y - ny * p.r);
      context.lineTo(p.x + nx * p.r, p.y + ny * p.r);
      context.lineTo(last.x + nx * last.r, last.y + ny * last.r);
      context.closePath();
    }
    last = p;
  }
  context.fill("nonzero");
  context.globalCompositeOperation = "source-over";
}

/** Whether a stroke leaves its mark on a layer: "ink" or "colour". The eraser rubs out both. */
export const marks = (stroke, layer) => Boolean(stroke.erases) || Boolean(stroke.colour) === (layer === "colour");

/** One layer of the drawing on a transparent canvas, fitted to it: black ink, or the colour hints. */
export function paintDrawing(context, drawing, layer = "ink") {
  const { width, height } = context.canvas;
  context.clearRect(0, 0, width, height);
  const place = fit(drawing, width, height);
  for (const stroke of drawing.strokes.map(decode)) if (marks(stroke, layer)) paintStroke(context, stroke, place);
}
