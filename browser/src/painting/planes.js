// Pictures as planes of float32, channel after channel: what the networks read and write.

export class Planes {
  /** data: Float32Array of channels * height * width, row by row. */
  constructor(channels, height, width, data = new Float32Array(channels * height * width)) {
    Object.assign(this, { channels, height, width, data });
  }

  get dims() {
    return [1, this.channels, this.height, this.width];
  }

  plane(channel) {
    const size = this.height * this.width;
    return this.data.subarray(channel * size, (channel + 1) * size);
  }

  static stack(parts) {
    const [{ height, width }] = parts;
    const out = new Planes(parts.reduce((n, p) => n + p.channels, 0), height, width);
    let offset = 0;
    for (const part of parts) {
      out.data.set(part.data, offset);
      offset += part.data.length;
    }
    return out;
  }
}

/** Round half to even, as Python and NumPy do. */
export function round(x) {
  const down = Math.floor(x);
  return x - down === 0.5 ? down + (down % 2) : Math.round(x);
}

/** Where each output cell looks, and how much: triangles as wide as an output cell when shrinking, linear otherwise. */
function taps(from, to) {
  const scale = from / to;
  const reach = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const centre = scale * (i + 0.5);
    const start = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(from, Math.trunc(centre + reach + 0.5));
    const weights = [];
    for (let j = start; j < end; j++) weights.push(Math.max(0, 1 - Math.abs((j - centre + 0.5) / reach)));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { start, weights: weights.map((w) => w / sum) };
  });
}

/** The same picture at another size: averages over areas where it shrinks, linear where it grows. */
export function resize(picture, height, width) {
  if (picture.height === height && picture.width === width) return picture;
  const [rows, columns] = [taps(picture.height, height), taps(picture.width, width)];
  const out = new Planes(picture.channels, height, width);
  const line = new Float32Array(picture.height * width);
  for (let c = 0; c < picture.channels; c++) {
    const [source, target] = [picture.plane(c), out.plane(c)];
    for (let y = 0; y < picture.height; y++)
      for (let x = 0; x < width; x++) {
        const { start, weights } = columns[x];
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * source[y * picture.width + start + k];
        line[y * width + x] = sum;
      }
    for (let y = 0; y < height; y++) {
      const { start, weights } = rows[y];
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * line[(start + k) * width + x];
        target[y * width + x] = sum;
      }
    }
  }
  return out;
}

/** Larger by Keys' cubic convolution (a = -0.75), which does not soften. */
export function enlarge(picture, height, width) {
  const near = (t) => (1.25 * t - 2.25) * t * t + 1;
  const far = (t) => ((-0.75 * t + 3.75) * t - 6) * t + 3;
  const along = (from, to) =>
    Array.from({ length: to }, (_, i) => {
      const place = ((i + 0.5) * from) / to - 0.5;
      const start = Math.floor(place);
      const t = place - start;
      const at = [-1, 0, 1, 2].map((k) => Math.min(from - 1, Math.max(0, start + k)));
      return { at, weights: [far(1 + t), near(t), near(1 - t), far(2 - t)] };
    });
  const [rows, columns] = [along(picture.height, height), along(picture.width, width)];
  const out = new Planes(picture.channels, height, width);
  const line = new Float32Array(picture.height * width);
  const weigh = ({ at, weights }, value) => at.reduce((sum, i, k) => sum + weights[k] * value(i), 0);
  for (let c = 0; c < picture.channels; c++) {
    const [source, target] = [picture.plane(c), out.plane(c)];
    for (let i = 0; i < line.length; i++) {
      const row = Math.floor(i / width) * picture.width;
      line[i] = weigh(columns[i % width], (x) => source[row + x]);
    }
    for (let i = 0; i < target.length; i++) {
      target[i] = weigh(rows[Math.floor(i / width)], (y) => line[y * width + (i % width)]);
    }
  }
  return out;
}

/** Pad below and to the right until both sides are multiples. edge: repeat the last row and column; zeros otherwise. */
export function pad(picture, multiple, edge = false) {
  const [h, w] = [picture.height, picture.width];
  const [height, width] = [h, w].map((n) => Math.ceil(n / multiple) * multiple);
  if (h === height && w === width) return picture;
  const out = new Planes(picture.channels, height, width);
  for (let c = 0; c < picture.channels; c++) {
    const [source, target] = [picture.plane(c), out.plane(c)];
    for (let y = 0; y < (edge ? height : h); y++) {
      const row = Math.min(y, h - 1) * w;
      for (let x = 0; x < (edge ? width : w); x++) target[y * width + x] = source[row + Math.min(x, w - 1)];
    }
  }
  return out;
}

/** Undo `pad`. */
export function crop(picture, height, width) {
  if (picture.height === height && picture.width === width) return picture;
  const out = new Planes(picture.channels, height, width);
  for (let c = 0; c < picture.channels; c++)
    for (let y = 0; y < height; y++)
      out.plane(c).set(picture.plane(c).subarray(y * picture.width, y * picture.width + width), y * width);
  return out;
}

/** RGBA bytes over white paper -> three planes in [-1,1]. */
export function fromPixels({ data, width, height }) {
  const out = new Planes(3, height, width);
  for (let c = 0; c < 3; c++) {
    const plane = out.plane(c);
    for (let i = 0; i < plane.length; i++) {
      const alpha = data[4 * i + 3] / 255;
      plane[i] = ((data[4 * i + c] / 255) * alpha + 1 - alpha) * 2 - 1;
    }
  }
  return out;
}

/** Three planes in [-1,1] -> opaque ImageData. */
export function toPixels(picture) {
  const pixels = new ImageData(picture.width, picture.height);
  const [r, g, b] = [0, 1, 2].map((c) => picture.plane(c));
  for (let i = 0; i < r.length; i++) {
    pixels.data[4 * i] = (r[i] + 1) * 127.5;
    pixels.data[4 * i + 1] = (g[i] + 1) * 127.5;
    pixels.data[4 * i + 2] = (b[i] + 1) * 127.5;
    pixels.data[4 * i + 3] = 255;
  }
  return pixels;
}
