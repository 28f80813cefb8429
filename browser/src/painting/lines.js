// The artist's own lines over the painting: the twin of s2i/imaging/ink/lines.py.

import { Planes } from "./planes.js";
import { meanPool } from "./pools.js";

const CELLS = 48; // on a side: the tones that shadows are chosen from

/** The mean colour of the darkest twentieth, at 45 % of its brightness. */
function shadow(picture) {
  const cells = meanPool(picture, CELLS, CELLS);
  const [r, g, b] = [0, 1, 2].map((c) => cells.plane(c));
  const order = Array.from(r.keys()).sort((i, j) => r[i] + g[i] + b[i] - r[j] - g[j] - b[j]);
  const darkest = order.slice(0, Math.floor(order.length / 20));
  return [r, g, b].map((plane) => (darkest.reduce((sum, i) => sum + plane[i], 0) / darkest.length + 1) * 0.45 - 1);
}

/** picture in [-1,1], ink of its size, opacity 0..1 -> picture with the lines in its own darkest tone. */
export function layLines(picture, ink, opacity) {
  if (!opacity) return picture;
  const tone = shadow(picture);
  const out = new Planes(3, picture.height, picture.width);
  for (let c = 0; c < 3; c++) {
    const [source, target] = [picture.plane(c), out.plane(c)];
    for (let i = 0; i < source.length; i++) target[i] = source[i] + (tone[c] - source[i]) * ink.data[i] * opacity;
  }
  return out;
}
