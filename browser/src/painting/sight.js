// What is seen from each cell of a drawing along its row and its column, up to the next line: the twin of
// `sight_along_rows` in s2i/imaging/regions/region_shapes.py, and the averages that are taken over it.

const [OPAQUE, HIDDEN] = [12, 16];
export const CHANNELS = 4; // that are averaged at once, side by side in memory

/** cell(line, i) of `lines` lines of `count` cells -> for each cell its share in the average of each other cell of the
 * line, and the extent of what is seen. reach: cells within which the nearer ones count more, or Infinity. */
function sight(cell, lines, count, reach) {
  const shares = new Float32Array(lines * count * count);
  const extents = new Float32Array(lines * count);
  const depth = new Float64Array(count);
  const near = Float64Array.from({ length: count }, (_, d) => Math.exp(-d / reach));
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
      for (let j = 0; j < count; j++) {
        row[j] = Math.exp(-Math.min(HIDDEN, Math.abs(depth[i] - depth[j]))) * near[Math.abs(i - j)];
        total += row[j];
      }
      for (let j = 0; j < count; j++) row[j] /= total;
      extents[line * count + i] = Math.log2(total / count) / 3;
    }
  }
  return { shares, extents };
}

/** values (lines,count,4) averaged along each line -> (count,lines,4), ready for the other direction. */
function average(values, shares, lines, count) {
  const out = new Float32Array(values.length);
  for (let line = 0; line < lines; line++)
    for (let i = 0; i < count; i++) {
      const row = (line * count + i) * count;
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let j = 0; j < count; j++) {
        const share = shares[row + j];
        const k = (line * count + j) * CHANNELS;
        a += share * values[k];
        b += share * values[k + 1];
        c += share * values[k + 2];
        d += share * values[k + 3];
      }
      const k = (i * lines + line) * CHANNELS;
      out[k] = a;
      out[k + 1] = b;
      out[k + 2] = c;
      out[k + 3] = d;
    }
  return out;
}

export class Sight {
  /** cells: one plane of ink. */
  constructor(cells, reach = Infinity) {
    const { height, width, data } = cells;
    Object.assign(this, { height, width });
    this.rows = sight((y, x) => data[y * width + x], height, width, reach);
    this.columns = sight((x, y) => data[y * width + x], width, height, reach);
  }

  /** values (height,width,4), averaged along rows, then along columns, several times over. */
  spread(values, rounds) {
    for (let i = 0; i < rounds; i++) {
      values = average(values, this.rows.shares, this.height, this.width);
      values = average(values, this.columns.shares, this.width, this.height);
    }
    return values;
  }
}
