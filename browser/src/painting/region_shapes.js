// Where and how large the region around each place is: the twin of s2i/imaging/regions/region_shapes.py.

import { Planes, resize, round } from "./planes.js";
import { mostPool } from "./pools.js";
import { CHANNELS, Sight } from "./sight.js";

const [LONGEST, ROUNDS] = [64, 6];

/** ink -> 4 channels at height x width: x and y of the region's middle, its breadth and height as log2 over 3. */
export function regionShapes(ink, height, width) {
  const shrink = Math.min(1, LONGEST / Math.max(ink.height, ink.width));
  const [h, w] = [ink.height, ink.width].map((n) => Math.max(1, round(n * shrink)));
  const seen = new Sight(mostPool(ink, h, w));
  const place = (i, n) => (n > 1 ? -1 + (2 * i) / (n - 1) : -1);
  const facts = new Float32Array(h * w * CHANNELS);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const extents = [seen.rows.extents[y * w + x], seen.columns.extents[x * h + y]];
      facts.set([place(x, w), place(y, h), ...extents], (y * w + x) * CHANNELS);
    }
  const spread = seen.spread(facts, ROUNDS);
  const out = new Planes(CHANNELS, h, w);
  for (let c = 0; c < CHANNELS; c++) out.plane(c).forEach((_, i, plane) => (plane[i] = spread[i * CHANNELS + c]));
  return resize(out, height, width);
}
