// A picture of a drawing -> its lines: a scan, a photograph of paper under a lamp, chalk on a board.
// The rules are those of s2i/imaging/ink/ink.py; the paper's tone is taken place by place, because lamps shade photographs.

const CELLS = 24; // on the long side: in each, the paper is what is brightest
const SHADES = { coloured: 0.12, grey: 0.4 }; // share of a picture that a drawing's shades seldom reach
const [COLOURFUL, DIM, EVERY] = [0.04, 60, 7]; // the dark has noise for a hue; every seventh pixel says enough
const FAINT = 0.35; // least reach from paper to ink: a blank sheet is not stretched into a drawing

/** ImageData -> canvas of black ink on transparency, of its size. */
export function inkOf({ data, width, height }) {
  const grey = new Float32Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    const [r, g, b, alpha] = data.subarray(4 * i, 4 * i + 4);
    const luma = (0.299 * r + 0.587 * g + 0.114 * b) / 255;
    grey[i] = 1 + (luma - 1) * (alpha / 255);
  }
  if (quantile(grey, 0.5) < 0.5) for (let i = 0; i < grey.length; i++) grey[i] = 1 - grey[i];
  const paper = paperTone(grey, width, height);
  const darkest = grey.reduce((least, value, i) => Math.min(least, value / paper[i]), 1);
  const reach = Math.max(FAINT, 1 - darkest);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const ink = new ImageData(width, height);
  for (let i = 0; i < grey.length; i++) {
    const share = (1 - 0.05 * reach - grey[i] / paper[i]) / (0.85 * reach);
    ink.data[4 * i + 3] = 255 * Math.min(1, Math.max(0, share));
  }
  canvas.getContext("2d").putImageData(ink, 0, 0);
  return canvas;
}

/** Whether a picture is of a scene rather than of lines: too much of it is neither paper nor ink. Colours that differ from
 * place to place, which no lamp gives to paper, make that likelier. picture: ImageData; ink: what `inkOf` made of it. */
export function looksLikeScene(picture, ink) {
  const { data } = ink.getContext("2d").getImageData(0, 0, ink.width, ink.height);
  let between = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 40 && data[i] < 215) between += 1;
  return between / (data.length / 4) > (colourSpread(picture) > COLOURFUL ? SHADES.coloured : SHADES.grey);
}

/** How much hues differ, as the deviation of two chromaticities. */
function colourSpread({ data }) {
  const sums = [0, 0, 0, 0];
  let count = 0;
  for (let i = 0; i < data.length; i += 4 * EVERY, count++) {
    const [r, g, b] = [data[i], data[i + 1], data[i + 2]];
    [r, b].forEach((value, k) => {
      const share = (value - g) / (r + g + b + DIM);
      sums[2 * k] += share;
      sums[2 * k + 1] += share * share;
    });
  }
  return [0, 2].reduce((sum, k) => sum + Math.sqrt(Math.max(0, sums[k + 1] / count - (sums[k] / count) ** 2)), 0);
}

function quantile(values, share) {
  const sample = values.length > 1 << 16 ? values.filter((_, i) => i % Math.ceil(values.length / (1 << 16)) === 0) : values.slice();
  return sample.sort()[Math.min(sample.length - 1, Math.floor(share * sample.length))];
}

/** The brightness of blank paper at every pixel: a bright quantile of each cell, smoothed between the cells' middles. */
function paperTone(grey, width, height) {
  const cell = Math.max(8, Math.ceil(Math.max(width, height) / CELLS));
  const [columns, rows] = [Math.ceil(width / cell), Math.ceil(height / cell)];
  const overall = Math.max(0.25, quantile(grey, 0.8));
  let tones = new Float32Array(columns * rows);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const inside = [];
      for (let v = y * cell; v < Math.min(height, (y + 1) * cell); v += 2)
        for (let u = x * cell; u < Math.min(width, (x + 1) * cell); u += 2) inside.push(grey[v * width + u]);
      // A cell full of ink is no paper: shade takes a third of the light at most.
      tones[y * columns + x] = Math.max(0.66 * overall, quantile(Float32Array.from(inside), 0.85));
    }
  for (let i = 0; i < 2; i++) tones = smoothed(tones, columns, rows);
  const at = (n, i) => Math.min(n - 1, Math.max(0, i));
  return grey.map((_, i) => {
    const [u, v] = [((i % width) + 0.5) / cell - 0.5, (Math.floor(i / width) + 0.5) / cell - 0.5];
    const [x, y] = [Math.floor(u), Math.floor(v)];
    const [s, t] = [u - x, v - y];
    const tone = (dx, dy) => tones[at(rows, y + dy) * columns + at(columns, x + dx)];
    return (tone(0, 0) * (1 - s) + tone(1, 0) * s) * (1 - t) + (tone(0, 1) * (1 - s) + tone(1, 1) * s) * t;
  });
}

function smoothed(tones, columns, rows) {
  return tones.map((_, i) => {
    let [sum, count] = [0, 0];
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) {
        const [x, y] = [(i % columns) + dx, Math.floor(i / columns) + dy];
        if (x < 0 || y < 0 || x >= columns || y >= rows) continue;
        sum += tones[y * columns + x];
        count += 1;
      }
    return sum / count;
  });
}
