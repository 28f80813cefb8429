// Pictures in fewer cells, whose number need not divide the picture's: cells may share a row or a column of pixels.

import { Planes } from "./planes.js";

const bounds = (pixels, cells, i) => [Math.floor((i * pixels) / cells), Math.ceil(((i + 1) * pixels) / cells)];

function pooled(picture, height, width, collect) {
  const out = new Planes(picture.channels, height, width);
  for (let c = 0; c < picture.channels; c++) {
    const [source, target] = [picture.plane(c), out.plane(c)];
    for (let y = 0; y < height; y++) {
      const [top, bottom] = bounds(picture.height, height, y);
      for (let x = 0; x < width; x++) {
        const [left, right] = bounds(picture.width, width, x);
        target[y * width + x] = collect(source, picture.width, top, bottom, left, right);
      }
    }
  }
  return out;
}

/** The most of each cell. */
export const mostPool = (picture, height, width) =>
  pooled(picture, height, width, (source, stride, top, bottom, left, right) => {
    let most = -Infinity;
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) if (source[y * stride + x] > most) most = source[y * stride + x];
    return most;
  });

/** The mean of each cell. */
export const meanPool = (picture, height, width) =>
  pooled(picture, height, width, (source, stride, top, bottom, left, right) => {
    let sum = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += source[y * stride + x];
    return sum / ((bottom - top) * (right - left));
  });
