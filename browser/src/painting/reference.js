// A reference's pixels -> what its style is read from: the twin of `load_reference` in s2i/imaging/files/picture_files.py.

import { fromPixels, Planes } from "./planes.js";

/** RGBA bytes -> {picture: in [-1,1], opaque: how much of each pixel there is, [0,1], or null where that is all of it}.
 * name: what errors call it. */
export function readReference(pixels, name) {
  const { data, width, height } = pixels;
  const opaque = new Planes(1, height, width);
  let [least, total] = [1, 0];
  for (let i = 0; i < opaque.data.length; i++) {
    const share = data[4 * i + 3] / 255;
    opaque.data[i] = share;
    least = Math.min(least, share);
    total += share;
  }
  if (least === 1) return { picture: fromPixels(pixels), opaque: null };
  if (!total) throw new Error(`${name} is all transparent: there is no style to be seen in it.`);
  const picture = new Planes(3, height, width);
  for (let c = 0; c < 3; c++) {
    const plane = picture.plane(c);
    let sum = 0;
    for (let i = 0; i < plane.length; i++) {
      plane[i] = data[4 * i + c] / 127.5 - 1;
      sum += plane[i] * opaque.data[i];
    }
    const mean = sum / total; // colours that hide under no paint bleed into no edge
    for (let i = 0; i < plane.length; i++) if (!opaque.data[i]) plane[i] = mean;
  }
  return { picture, opaque };
}
