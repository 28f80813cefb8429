// How enclosed each place of a drawing is: the twin of s2i/imaging/regions/enclosure_map.py, where it is explained.

import { Planes } from "./planes.js";

const CELLS = [4, 2, 1];

export function maxPool(map, factor) {
  if (factor === 1) return map;
  const out = new Planes(1, map.height / factor, map.width / factor);
  out.data.fill(-Infinity);
  for (let y = 0; y < map.height; y++)
    for (let x = 0; x < map.width; x++) {
      const i = Math.floor(y / factor) * out.width + Math.floor(x / factor);
      const value = map.data[y * map.width + x];
      if (value > out.data[i]) out.data[i] = value;
    }
  return out;
}

function grow(map, factor) {
  if (factor === 1) return map;
  const out = new Planes(1, map.height * factor, map.width * factor);
  for (let y = 0; y < out.height; y++)
    for (let x = 0; x < out.width; x++)
      out.data[y * out.width + x] = map.data[Math.floor(y / factor) * map.width + Math.floor(x / factor)];
  return out;
}

/** The widest way from the sheet's edge to each cell. Sweeps there and back settle at the one answer there is. */
function widestWay(openness, start) {
  const { height, width } = openness;
  const out = new Planes(1, height, width);
  const way = out.data;
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const edge = y === 0 || x === 0 || y === height - 1 || x === width - 1 ? 1 : 0;
      way[i] = Math.min(Math.max(edge, start ? start.data[i] : 0), openness.data[i]);
    }
  const step = (i, x, y) => {
    let best = way[i];
    if (x > 0 && way[i - 1] > best) best = way[i - 1];
    if (x < width - 1 && way[i + 1] > best) best = way[i + 1];
    if (y > 0 && way[i - width] > best) best = way[i - width];
    if (y < height - 1 && way[i + width] > best) best = way[i + width];
    best = Math.min(best, openness.data[i]);
    if (best <= way[i]) return false;
    way[i] = best;
    return true;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) changed = step(i, x, y) || changed;
    for (let y = height - 1, i = way.length - 1; y >= 0; y--)
      for (let x = width - 1; x >= 0; x--, i--) changed = step(i, x, y) || changed;
  }
  return out;
}

/** ink with sides that are multiples of 4 * stem -> 4 channels at 1/stem: height, and enclosure three times. */
export function enclosureMap(ink, stem) {
  const fine = maxPool(ink, stem);
  const top = new Planes(1, fine.height, fine.width);
  top.data.forEach((_, i) => (top.data[i] = -1 + (2 * Math.floor(i / fine.width)) / Math.max(1, fine.height - 1)));
  let outside = null;
  const layers = [];
  for (const cell of CELLS) {
    const openness = maxPool(fine, cell);
    const walls = new Planes(1, openness.height, openness.width, openness.data.map((v) => 1 - Math.min(1, 2 * v)));
    outside = widestWay(walls, outside && grow(outside, 2));
    const layer = grow(outside, cell);
    layers.unshift(new Planes(1, layer.height, layer.width, layer.data.map((v) => 1 - v)));
  }
  return Planes.stack([top, ...layers]);
}
