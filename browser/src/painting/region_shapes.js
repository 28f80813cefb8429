// Where and how large the region around each place is: the twin of s2i/imaging/region_shapes.py.

import { Planes, resize, round } from "./planes.js";

const [LONGEST, OPAQUE, HIDDEN, ROUNDS, FACTS] = [64, 12, 16, 6, 4];

function adaptiveMaxPool(map, height, width) {
  const out = new Planes(1, height, width);
  const bounds = (n, from, i) => [Math.floor((i * from) / n), Math.ceil(((i + 1) * from) / n)];
  for (let y = 0; y < height; y++) {
    const [top, bottom] = bounds(height, map.height, y);
    for (let x = 0; x < width; x++) {
      const [left, right] = bounds(width, map.width, x);
      let most = -Infinity;
      for (let v = top; v < bottom; v++)
        for (let u = left; u < right; u++) most = Math.max(most, map.data[v * map.width + u]);
      out.data[y * width + x] = most;
    }
  }
  return out;
}

/** Lines of `count` cells -> for each line a matrix: how much of cell j is seen from cell i, and rows that sum to one. */
function sight(cell, lines, count) {
  const shares = new Float32Array(lines * count * count);
  const extents = new Float32Array(lines * count);
  const depth = new Float64Array(count);
  for (let line = 0; line < lines; line++) {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const cost = OPAQUE * Math.min(1, 2 * cell(line, i));
      sum += cost;
      depth[i] = sum - cost / 2;
    }
    for (let i = 0; i < count; i++) {
      const row = shares.subarray((line * count + i) * count, (line * count + i + 1) * count);
      let total = 0;
      for (let j = 0; j < count; j++) total += row[j] = Math.exp(-Math.min(HIDDEN, Math.abs(depth[i] - depth[j])));
      for (let j = 0; j < count; j++) row[j] /= total;
      extents[line * count + i] = Math.log2(total / count) / 3;
    }
  }
  return { shares, extents };
}

/** facts (lines,count,4) averaged along each line as the shares say -> (count,lines,4), ready for the other direction. */
function spread(facts, shares, lines, count) {
  const out = new Float32Array(facts.length);
  for (let line = 0; line < lines; line++)
    for (let i = 0; i < count; i++) {
      const row = (line * count + i) * count;
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let j = 0; j < count; j++) {
        const share = shares[row + j];
        const k = (line * count + j) * FACTS;
        a += share * facts[k];
        b += share * facts[k + 1];
        c += share * facts[k + 2];
        d += share * facts[k + 3];
      }
      out.set([a, b, c, d], (i * lines + line) * FACTS);
    }
  return out;
}

/** ink -> 4 channels at height x width: x and y of the region's middle, its breadth and height as log2 over 3. */
export function regionShapes(ink, height, width) {
  const shrink = Math.min(1, LONGEST / Math.max(ink.height, ink.width));
  const [h, w] = [ink.height, ink.width].map((n) => Math.max(1, round(n * shrink)));
  const cells = adaptiveMaxPool(ink, h, w);
  const rows = sight((y, x) => cells.data[y * w + x], h, w);
  const columns = sight((x, y) => cells.data[y * w + x], w, h);
  const place = (i, n) => (n > 1 ? -1 + (2 * i) / (n - 1) : -1);
  let facts = new Float32Array(h * w * FACTS);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      facts.set([place(x, w), place(y, h), rows.extents[y * w + x], columns.extents[x * h + y]], (y * w + x) * FACTS);
  for (let i = 0; i < ROUNDS; i++) facts = spread(spread(facts, rows.shares, h, w), columns.shares, w, h);
  const out = new Planes(FACTS, h, w);
  for (let c = 0; c < FACTS; c++) out.plane(c).forEach((_, i, plane) => (plane[i] = facts[i * FACTS + c]));
  return resize(out, height, width);
}
