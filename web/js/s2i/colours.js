// Colours of a picture: a few that stand for it, and the one at a place.

const SIDE = 40; // of the small copy that is counted
const ROUNDS = 8;

const hex = (rgb) => `#${rgb.map((v) => Math.round(v).toString(16).padStart(2, "0")).join("")}`;
const distance = (a, b) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;

/** image: HTMLImageElement that has loaded -> canvas with the picture, its long side at most `side`. */
export function copyOf(image, side) {
  const scale = Math.min(1, side / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** "#rrggbb" in the middle of a square of `reach` pixels around (x, y): brushwork makes single pixels misleading. */
export function colourAt(canvas, x, y, reach = 3) {
  const [left, top] = [x, y].map((v) => Math.max(0, Math.round(v - reach / 2)));
  const width = Math.min(reach, canvas.width - left);
  const height = Math.min(reach, canvas.height - top);
  if (width < 1 || height < 1) return null;
  const { data } = canvas.getContext("2d").getImageData(left, top, width, height);
  const sum = [0, 0, 0];
  for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) sum[c] += data[i + c];
  return hex(sum.map((v) => v / (data.length / 4)));
}

/** k-means from the farthest points of the picture on: the same picture gives the same colours, dark to light. */
export function mainColours(image, count = 8) {
  const canvas = copyOf(image, SIDE);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const pixels = [];
  for (let i = 0; i < data.length; i += 4) pixels.push([data[i], data[i + 1], data[i + 2]]);
  const mean = [0, 1, 2].map((c) => pixels.reduce((sum, p) => sum + p[c], 0) / pixels.length);
  let centres = [mean];
  while (centres.length < count) {
    const far = (p) => Math.min(...centres.map((c) => distance(p, c)));
    centres.push(pixels.reduce((best, p) => (far(p) > far(best) ? p : best)));
  }
  for (let round = 0; round < ROUNDS; round++) {
    const sums = centres.map(() => [0, 0, 0, 0]);
    for (const p of pixels) {
      let nearest = 0;
      for (let k = 1; k < count; k++) if (distance(p, centres[k]) < distance(p, centres[nearest])) nearest = k;
      for (let c = 0; c < 3; c++) sums[nearest][c] += p[c];
      sums[nearest][3]++;
    }
    centres = centres.map((centre, k) => (sums[k][3] ? sums[k].slice(0, 3).map((v) => v / sums[k][3]) : centre));
  }
  const light = (c) => 0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2];
  return [...new Set(centres.sort((a, b) => light(a) - light(b)).map(hex))];
}
