// A reference's colours as mean and spread: the twin of `colour_moments` in s2i/imaging/palettes/reference_palette.py.

const FLOOR = 0.04; // a flat reference still leaves room for light and shade
const SWEEPS = 12; // Jacobi's method settles a 3 x 3 matrix in five or six

/** Symmetric 3 x 3 (rows) -> {values, vectors}: columns of `vectors` are the axes. Jacobi 1846. */
export function eigen(matrix) {
  const a = matrix.map((row) => [...row]);
  const v = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (const [p, q] of [[0, 1], [0, 2], [1, 2]]) {
      if (Math.abs(a[p][q]) < 1e-30) continue;
      const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
      const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
      const c = 1 / Math.hypot(t, 1);
      const s = t * c;
      for (const rows of [a, v]) // columns p and q
        for (let k = 0; k < 3; k++) [rows[k][p], rows[k][q]] = [c * rows[k][p] - s * rows[k][q], s * rows[k][p] + c * rows[k][q]];
      for (let k = 0; k < 3; k++) [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
    }
  return { values: [0, 1, 2].map((i) => a[i][i]), vectors: v };
}

/** Picture in [-1,1], weight (one plane) -> mean (3) and root of the covariance (9, row by row), Float32Arrays. */
export function moments(picture, weight) {
  const planes = [0, 1, 2].map((c) => picture.plane(c));
  const total = Math.max(1e-6, weight.data.reduce((a, b) => a + b, 0));
  const mean = planes.map((plane) => plane.reduce((sum, value, i) => sum + value * weight.data[i], 0) / total);
  const covariance = [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) => {
      let sum = 0;
      for (let k = 0; k < weight.data.length; k++)
        sum += weight.data[k] * (planes[i][k] - mean[i]) * (planes[j][k] - mean[j]);
      return sum / total;
    }),
  );
  const { values, vectors } = eigen(covariance);
  const spread = values.map((value) => Math.sqrt(Math.max(value, FLOOR ** 2)));
  const root = [0, 1, 2].flatMap((i) =>
    [0, 1, 2].map((j) => [0, 1, 2].reduce((sum, k) => sum + vectors[i][k] * spread[k] * vectors[j][k], 0)),
  );
  return { mean: Float32Array.from(mean), root: Float32Array.from(root) };
}
