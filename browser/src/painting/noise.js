// Noise that a seed decides: the twin of s2i/imaging/pixels/noise.py, where it is explained; a test holds them together.

const GOLDEN = 0x9e3779b9;

const mix = (x) => {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
};

function keys(seed, stream) {
  const words = BigInt.asUintN(64, BigInt(seed));
  const [low, high] = [Number(words & 0xffffffffn), Number(words >> 32n)];
  return [1, 2].map((start) => [low, high, stream].reduce((key, word) => mix(key ^ word), Math.imul(start, GOLDEN)));
}

/** `count` standard normal numbers as Float32Array. seed: an integer or BigInt; stream: which draw of that seed. */
export function seededNoise(count, seed, stream) {
  const [first, second] = keys(seed, stream);
  const uniform = (i) => (mix((mix((i + first) | 0) + second) | 0) + 0.5) / 4294967296;
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform(i)));
    const angle = 2 * Math.PI * uniform(i + 1);
    out[i] = radius * Math.cos(angle);
    if (i + 1 < count) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}
