// A drawing: a frame in pixels and the strokes in it, kept as compact JSON; s2i/imaging/strokes/drawing.py says how.
// Strokes stay in the form of the file and are never changed, so drawings can share them.

const PLAIN = 1; // ink only: what every release of the pack reads
const COLOURED = 2; // with strokes of colour hints
const UNITS = 10; // a pixel's parts in the file

export const blank = (width, height) => ({ width, height, strokes: [] });

/** Text -> drawing; null where the text is not a drawing. */
export function parse(text, width, height) {
  if (!text?.trim()) return blank(width, height);
  try {
    const { version, width: w, height: h, strokes } = JSON.parse(text);
    const sound = (version === PLAIN || version === COLOURED) && w > 0 && h > 0 && strokes.every((s) => s.p.length >= 2 && s.s > 0);
    return sound ? { width: w, height: h, strokes } : null;
  } catch {
    return null;
  }
}

/** Drawing -> text; a blank sheet is no text at all. */
export function serialise({ width, height, strokes }) {
  const version = strokes.some((s) => s.c) ? COLOURED : PLAIN;
  return strokes.length ? JSON.stringify({ version, width, height, strokes }) : "";
}

const sums = (steps, stride) => {
  const out = Float64Array.from(steps);
  for (let i = stride; i < out.length; i++) out[i] += out[i - stride];
  return out;
};

const steps = (values, stride) => values.map((v, i) => (i < stride ? v : v - values[i - stride]));

/** Stroke of the file -> points [{x, y, share}] in pixels of the frame, diameter in pixels, colour or null. */
export function decode(stroke) {
  const xy = sums(stroke.p, 2);
  const shares = stroke.w ? sums(stroke.w, 1) : null;
  const points = [];
  for (let i = 0; i + 1 < xy.length; i += 2) {
    points.push({ x: xy[i] / UNITS, y: xy[i + 1] / UNITS, share: shares ? shares[i / 2] / 100 : 1 });
  }
  return { points, size: stroke.s / UNITS, erases: Boolean(stroke.e), colour: stroke.c ?? "" };
}

/** The reverse of `decode`. */
export function encode({ points, size, erases, colour }) {
  const xy = points.flatMap((p) => [Math.round(p.x * UNITS), Math.round(p.y * UNITS)]);
  const stroke = { s: Math.max(1, Math.round(size * UNITS)), p: steps(xy, 2) };
  if (points.some((p) => p.share < 1)) stroke.w = steps(points.map((p) => Math.round(p.share * 100)), 1);
  if (erases) stroke.e = 1;
  else if (colour) stroke.c = colour;
  return stroke;
}

/** How a frame lies on a sheet of another size: scaled to fit, centred. */
export function fit(frame, width, height) {
  const scale = Math.min(width / frame.width, height / frame.height);
  return { scale, x: (width - frame.width * scale) / 2, y: (height - frame.height * scale) / 2 };
}

/** The same drawing in a frame of another size. */
export function reframe(drawing, width, height) {
  if (!drawing.strokes.length) return blank(width, height);
  if (drawing.width === width && drawing.height === height) return drawing;
  const { scale, x, y } = fit(drawing, width, height);
  const strokes = drawing.strokes.map((stroke) => {
    const { points, size, ...kind } = decode(stroke);
    const moved = points.map((p) => ({ x: p.x * scale + x, y: p.y * scale + y, share: p.share }));
    return encode({ points: moved, size: size * scale, ...kind });
  });
  return { width, height, strokes };
}
