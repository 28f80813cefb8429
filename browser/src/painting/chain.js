// Drawing and reference in, painting out: the steps of `s2i/pipeline.py` and `s2i/steps/`, which say why.

import { enclosureMap } from "./enclosure.js";
import { obeyHints } from "./hint_spread.js";
import { resizeInk } from "./ink.js";
import { seededNoise } from "./noise.js";
import { moments } from "./palette.js";
import { crop, enlarge, pad, Planes, resize, round } from "./planes.js";
import { meanPool } from "./pools.js";
import { regionShapes } from "./region_shapes.js";

const LEAST_SIDE = 16;
const LEAST = 1e-3; // of a cell's area; less is no dab
const LATENT = 4; // the refiner's cell, in pixels of its output
const ANALYSIS_SIDE = 512; // larger photographs are traced with this short side
const NEAR = 1.25; // a picture up to this many times the draft's size is the draft, enlarged

/** Sides with the short one at `shortSide`, a ribbon's long one at most eight times that. -> [height, width] */
export function workingShape(height, width, shortSide) {
  const scale = Math.min(
    shortSide / Math.min(height, width),
    Math.max((8 * shortSide) / Math.max(height, width), 1),
  );
  return [height, width].map((n) => Math.max(LEAST_SIDE, round(n * scale)));
}

export class Chain {
  /** engine: see engine.js; facts: the model's own numbers, from the sidecar. */
  constructor(engine, facts) {
    Object.assign(this, { engine, facts });
  }

  /** Run every network once on blank paper: whether it can, and what has to be compiled, shows here. */
  async tryOut() {
    const blank = new Planes(3, 64, 64);
    const style = await this.encodeStyle(blank);
    const ink = new Planes(1, 64, 64);
    await this.refine(await this.draft(ink, null, style, 0), ink, style, 0, 0, 1);
  }

  /** reference: picture in [-1,1]; opaque: how much of each pixel there is, one plane, or null for all of it -> style:
   * vectors, tokens, tokenWeights (tensors), mean, root. */
  async encodeStyle(reference, opaque = null) {
    const { style_size: side, style_multiple: multiple } = this.facts;
    const shrink = Math.min(1, side / Math.sqrt(reference.height * reference.width));
    // To whole cells by a slightly different aspect, not by padding: style has no places to distort.
    const [height, width] = [reference.height, reference.width].map((n) =>
      Math.max(2 * multiple, round((n * shrink) / multiple) * multiple),
    );
    const image = resize(reference, height, width);
    const whole = () => new Planes(1, height, width, new Float32Array(height * width).fill(1));
    const weight = opaque ? resize(opaque, height, width) : whole();
    const palette = moments(image, weight);
    if (opaque) hide(image, weight, palette.mean);
    const { vectors, tokens, token_weights: tokenWeights } = await this.engine.run("style", { image, weight });
    // What a style file keeps; where a browser cannot round so, nobody sees the difference.
    if (Math.f16round) tokens.data.forEach((value, i, data) => (data[i] = Math.f16round(value)));
    return { vectors, tokens, tokenWeights, ...palette };
  }

  /** picture in [-1,1] -> its lines as ink, with a short side of at most 512 pixels. variant: how it is drawn, 0, 1, ... */
  async trace(picture, variant) {
    const { extractor_multiple: multiple, extractor_variants: variants } = this.facts;
    const shrink = Math.min(1, ANALYSIS_SIDE / Math.min(picture.height, picture.width));
    const [height, width] = [picture.height, picture.width].map((n) => round(n * shrink));
    const code = new Float32Array(variants);
    code[Math.min(variant, variants - 1)] = 1;
    const { ink } = await this.engine.run("extractor", {
      image: pad(resize(picture, height, width), multiple, true),
      variant: { data: code, dims: [1, variants] },
    });
    const rows = Math.ceil(height / multiple) * multiple;
    return crop(new Planes(1, rows, ink.data.length / rows, ink.data), height, width);
  }

  /** ink: the drawing at any size; hints: colour and coverage at its size, or null -> draft at the working size. */
  async draft(ink, hints, style, seed) {
    const { working_size: side, multiple, stem, noise_strides: strides } = this.facts;
    const [height, width] = workingShape(ink.height, ink.width, side);
    const lines = resizeInk(ink, height, width);
    const padded = pad(lines, multiple);
    const dabs = hints && hintsAt(hints, height, width);
    const [h, w] = [padded.height / stem, padded.width / stem];
    const facts = Planes.stack([enclosureMap(padded, stem), regionShapes(padded, h, w)]);
    const feeds = {
      ink: padded, facts,
      hints: dabs ? hintCells(pad(dabs, multiple), stem) : new Planes(4, h, w),
      vectors: style.vectors, tokens: style.tokens, token_weights: style.tokenWeights,
      mean: { data: style.mean, dims: [1, 3] }, root: { data: style.root, dims: [1, 3, 3] },
    };
    strides.forEach((stride, level) => {
      const [rows, columns] = [padded.height / stride, padded.width / stride];
      feeds[`noise_${level}`] = { data: seededNoise(rows * columns, seed, level), dims: [1, 1, rows, columns] };
    });
    const { image } = await this.engine.run("painter", feeds);
    const painted = clamped(crop(new Planes(3, padded.height, padded.width, image.data), height, width));
    return dabs ? obeyHints(painted, lines, dabs) : painted;
  }

  /** One x2 step. picture: the draft, or the step before's; step: 0, 1, ...; strength scales what it adds. */
  async refine(picture, ink, style, seed, step, strength) {
    const { refiner_multiple: multiple, refiner_noise: maps, refiner_stream: stream } = this.facts;
    const [height, width] = [2 * picture.height, 2 * picture.width];
    const lines = pad(resizeInk(ink, height, width), multiple);
    const cells = new Planes(maps, Math.ceil(height / LATENT), Math.ceil(width / LATENT));
    cells.data.set(seededNoise(cells.data.length, seed, stream + step));
    const { image } = await this.engine.run("refiner", {
      draft: pad(picture, multiple / 2, true),
      ink: lines,
      style: lastVector(style.vectors),
      noise: pad(cells, multiple / LATENT),
      strength: { data: Float32Array.of(strength), dims: [1] },
    });
    return clamped(crop(new Planes(3, lines.height, lines.width, image.data), height, width));
  }
}

/** Steps that are left until a picture is about as large as asked for. */
export function stepsTo(picture, height, width) {
  const missing = Math.max(height / picture.height, width / picture.width);
  return Math.max(0, Math.ceil(Math.log2(missing / NEAR)));
}

/** Shrunk by area, or enlarged a little with a curve that does not soften. */
export function fitted(picture, height, width) {
  const shrinks = height <= picture.height && width <= picture.width;
  return shrinks ? resize(picture, height, width) : clamped(enlarge(picture, height, width));
}

/** What is left out looks like the average of the rest: no network sees past the mask. */
function hide(image, weight, mean) {
  for (let c = 0; c < 3; c++)
    image.plane(c).forEach((value, i, plane) => (plane[i] = mean[c] + (value - mean[c]) * weight.data[i]));
}

/** (1,levels,size) -> the finest level's: brushwork. */
function lastVector({ data, dims: [, levels, size] }) {
  return { data: data.subarray((levels - 1) * size), dims: [1, size] };
}

/** Colour and coverage at another size; colour is resized under its coverage: the blank part of a dab's edge has none. */
function hintsAt(hints, height, width) {
  const out = resize(underCoverage(hints), height, width);
  const coverage = out.plane(3);
  for (let c = 0; c < 3; c++) out.plane(c).forEach((v, i, plane) => (plane[i] = v / Math.max(coverage[i], 1e-6)));
  return out;
}

/** -> each cell's mean colour over what its dabs cover, and how much of it that is. */
function hintCells(hints, stem) {
  const out = meanPool(underCoverage(hints), hints.height / stem, hints.width / stem);
  const share = out.plane(3);
  for (let c = 0; c < 3; c++) out.plane(c).forEach((v, i, plane) => (plane[i] = share[i] > LEAST ? v / share[i] : 0));
  share.forEach((value, i) => (share[i] = value > LEAST ? value : 0));
  return out;
}

function underCoverage(hints) {
  const out = new Planes(4, hints.height, hints.width, hints.data.slice());
  for (let c = 0; c < 3; c++) out.plane(c).forEach((v, i, plane) => (plane[i] = v * hints.plane(3)[i]));
  return out;
}

export function clamped(picture) {
  for (let i = 0; i < picture.data.length; i++) picture.data[i] = Math.min(1, Math.max(-1, picture.data[i]));
  return picture;
}
