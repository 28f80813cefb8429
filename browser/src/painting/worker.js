// The painter's own thread: drawing never waits for it. Messages in, messages out; the newest drawing wins.

import { Chain, fitted, stepsTo } from "./chain.js";
import { openEngine } from "./engine.js";
import { resizeInk } from "./ink.js";
import { layLines } from "./lines.js";
import { fromPixels, Planes, toPixels } from "./planes.js";
import { readReference } from "./reference.js";

let chain = null;
let newest = 0; // number of the last drawing that was asked for
let drawing = false; // the pen is down: a refined picture would be late, and keep the next draft waiting
let last = null; // {job, ink, style, seed, strength, lines, picture, steps}: what a larger picture goes on from
const styles = new Map();

const orders = { open, style, paint, finish, trace };
let queue = Promise.resolve();

onmessage = ({ data }) => {
  if (data.order === "hush") {
    drawing = true;
    return;
  }
  if (data.order === "paint") [newest, drawing] = [data.job, false];
  if (data.order === "trace") drawing = true; // it will be painted; what it replaces need not be refined
  // One order at a time: networks share the runtime.
  queue = queue.then(() => orders[data.order](data)).catch((error) => {
    postMessage({ news: "failed", order: data.order, job: data.job, id: data.id, words: error.message, stack: error.stack });
  });
};

const PAUSE_MS = 80; // between draft and refined picture: time for the pen to come down again
const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

async function open({ site, manifest, wanted, threads }) {
  const onProgress = (done, total) => postMessage({ news: "progress", done, total });
  let engine = await openEngine(site, manifest, { wanted, threads, onProgress });
  chain = new Chain(engine, manifest.model.facts);
  if (engine.backend === "webgpu" && !(await works())) {
    engine = await openEngine(site, manifest, { wanted: "wasm", threads, onProgress });
    chain = new Chain(engine, manifest.model.facts);
  }
  postMessage({ news: "ready", backend: engine.backend, runtime: engine.runtime, threads: engine.threads });
}

/** Graphics drivers differ: one that cannot run every network runs none. */
async function works() {
  try {
    await chain.tryOut();
    return true;
  } catch (error) {
    console.warn(`WebGPU cannot paint here: ${error.message}`);
    return false;
  }
}

async function style({ id, name, bitmap }) {
  const { picture, opaque } = readReference(pixels(bitmap), name);
  styles.set(id, await chain.encodeStyle(picture, opaque));
  postMessage({ news: "style", id });
}

/** request: {job, ink: ImageBitmap of black on transparency, dabs: likewise in colour, or null, style, palette: ids,
 * seed, strength, lines, refine}. First the draft, then, unless something newer is wanted, one step finer. */
async function paint(request) {
  if (request.job === newest) await paintNewest(request);
  postMessage({ news: "done", job: request.job });
}

async function paintNewest({ job, ink: drawn, dabs, style: id, palette, seed, strength, lines, refine }) {
  const started = performance.now();
  const ink = alpha(pixels(drawn));
  const { mean, root } = styles.get(palette);
  const mixed = { ...styles.get(id), mean, root };
  const draft = await chain.draft(ink, dabs && colours(pixels(dabs)), mixed, seed);
  last = { job, ink, style: mixed, seed, strength, lines, picture: draft, steps: 0 };
  show("draft", draft, started);
  await pause();
  if (!refine || !strength || drawing || job !== newest) return;
  await step();
  show("refined", last.picture, started);
}

/** The last picture at the drawing's own size. */
async function finish({ job }) {
  const { ink } = last;
  const started = performance.now();
  while (last.strength && stepsTo(last.picture, ink.height, ink.width) > 0) await step();
  const picture = layLines(fitted(last.picture, ink.height, ink.width), ink, last.lines);
  send("finished", job, picture, started);
}

/** A photograph's lines, black on transparency. The network behind it is fetched when it is first wanted. */
async function trace({ job, bitmap, variant }) {
  if (!chain) throw new Error("Without its painter the page cannot trace a picture.");
  const ink = await chain.trace(fromPixels(pixels(bitmap)), variant);
  const image = new ImageData(ink.width, ink.height);
  for (let i = 0; i < ink.data.length; i++) image.data[4 * i + 3] = 255 * ink.data[i];
  postMessage({ news: "traced", job, image }, [image.data.buffer]);
}

async function step() {
  const { picture, ink, style: mixed, seed, steps, strength } = last;
  last.picture = await chain.refine(picture, ink, mixed, seed, steps, strength);
  last.steps += 1;
}

function show(stage, picture, started) {
  const ink = resizeInk(last.ink, picture.height, picture.width);
  send(stage, last.job, layLines(picture, ink, last.lines), started);
}

function send(stage, job, picture, started) {
  const image = toPixels(picture);
  const ms = performance.now() - started;
  postMessage({ news: "picture", stage, job, image, ms }, [image.data.buffer]);
}

// -- pixels ------------------------------------------------------------------------------------------------------------

function pixels(bitmap) {
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, context.canvas.width, context.canvas.height);
}

function alpha({ data, width, height }) {
  const out = new Planes(1, height, width);
  for (let i = 0; i < out.data.length; i++) out.data[i] = data[4 * i + 3] / 255;
  return out;
}

/** RGBA -> colour in [-1,1] and coverage in [0,1]. */
function colours({ data, width, height }) {
  const out = new Planes(4, height, width);
  for (let c = 0; c < 4; c++) {
    const plane = out.plane(c);
    for (let i = 0; i < plane.length; i++) plane[i] = c < 3 ? data[4 * i + c] / 127.5 - 1 : data[4 * i + 3] / 255;
  }
  return out;
}
