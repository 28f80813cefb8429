// A drawing as ink, 1 = ink and 0 = paper: the twin of s2i/imaging/ink/ink.py.

import { Planes, resize } from "./planes.js";

/** Ink at another size. Thin lines fade as they shrink; one gain gives a typical stroke seven tenths of full ink. */
export function resizeInk(ink, height, width) {
  if (ink.height === height && ink.width === width) return ink;
  const small = resize(ink, height, width);
  let [squares, sum] = [0, 0];
  for (const value of small.data) {
    squares += value * value;
    sum += value;
  }
  const typical = squares / Math.max(sum, 1e-6);
  const gain = Math.min(4, Math.max(1, 0.7 / Math.max(typical, 1e-6)));
  return new Planes(1, height, width, small.data.map((value) => Math.min(1, Math.max(0, value * gain))));
}
