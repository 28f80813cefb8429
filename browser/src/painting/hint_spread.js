// Dabs of colour obeyed: the twin of s2i/imaging/hints/hint_spread.py, which says why each step is there.

import { Planes, resize, round } from "./planes.js";
import { meanPool, mostPool } from "./pools.js";
import { CHANNELS, Sight } from "./sight.js";

const [TINY, LONGEST, ROUNDS, REACH, NEAR, LEAK, WHOLE] = [1e-12, 96, 6, 0.1, 30, 0.25, 0.6];

/** Planes of one to four channels -> (h,w,4), missing channels zero. */
function together(planes) {
  const out = new Float32Array(planes.height * planes.width * CHANNELS);
  for (let c = 0; c < planes.channels; c++) planes.plane(c).forEach((value, i) => (out[i * CHANNELS + c] = value));
  return out;
}

/** draft in [-1,1], ink and hints (colour and coverage) of its size -> draft whose regions take their dabs' colours. */
export function obeyHints(draft, ink, hints) {
  const coverage = hints.plane(3);
  if (!coverage.some((share) => share > 0)) return draft;
  const scale = Math.min(1, LONGEST / Math.max(draft.height, draft.width));
  const [h, w] = [draft.height, draft.width].map((n) => Math.max(1, round(n * scale)));
  const laid = new Planes(4, hints.height, hints.width, hints.data.slice());
  for (let c = 0; c < 3; c++) laid.plane(c).forEach((value, i, plane) => (plane[i] = value * coverage[i]));
  const dabs = together(meanPool(laid, h, w));
  const paper = meanPool(new Planes(1, ink.height, ink.width, ink.data.map((v) => Math.min(1, Math.max(0, 1 - v)))), h, w);
  const small = meanPool(draft, h, w);
  for (let c = 0; c < 3; c++) small.plane(c).forEach((value, i, plane) => (plane[i] = value * paper.data[i]));
  const paint = together(Planes.stack([small, paper]));

  const lines = mostPool(ink, h, w);
  const [far, near] = [new Sight(lines), new Sight(lines, REACH * Math.max(h, w))];
  const [dabsFar, dabsNear] = [far.spread(dabs, ROUNDS), near.spread(dabs, 2)];
  const [paintFar, paintNear] = [far.spread(paint, ROUNDS), near.spread(paint, 2)];
  const own = far.spread(dabs.map((_, k) => (k % CHANNELS ? 0 : dabsFar[k + 3] * dabs[k + 3])), ROUNDS);

  const shift = new Planes(3, h, w);
  for (let i = 0; i < h * w; i++) {
    const k = i * CHANNELS;
    const seen = dabsFar[k + 3];
    const atDab = own[k] / Math.max(seen, TINY);
    const sure = Math.min(1, Math.max(0, (seen / Math.max(atDab, TINY) - LEAK) / (WHOLE - LEAK)));
    const belief = sure * sure * (3 - 2 * sure);
    const closeness = dabsNear[k + 3] / Math.max(dabsNear[k + 3] + seen, TINY);
    const weight = Math.max(seen + NEAR * dabsNear[k + 3], TINY);
    for (let c = 0; c < 3; c++) {
      const wanted = (dabsFar[k + c] + NEAR * dabsNear[k + c]) / weight;
      const [here, there] = [paintFar, paintNear].map((p) => p[k + c] / Math.max(p[k + 3], TINY));
      shift.plane(c)[i] = belief * (wanted - (here + (there - here) * closeness));
    }
  }
  const grown = resize(shift, draft.height, draft.width);
  const moved = draft.data.map((value, i) => Math.min(1, Math.max(-1, value + grown.data[i])));
  return new Planes(3, draft.height, draft.width, moved);
}
