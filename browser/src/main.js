// The page: a drawing sheet, a gallery, and a painter that paints after every stroke.

import { Painter } from "./painting/painter.js";
import { Sheet } from "./paper/sheet.js";
import { Zoom } from "./paper/zoom.js";
import { dropping, picker, readPicture } from "./ui/drop.js";
import { Gallery } from "./ui/gallery.js";
import { icons } from "./ui/icons.js";
import { keepOffline, serviceWorker } from "./ui/offline.js";
import { Picture } from "./ui/picture.js";
import { png } from "./ui/save.js";
import { saveButtons } from "./ui/save_buttons.js";
import { Taken } from "./ui/taken.js";
import { keys, toolbar } from "./ui/toolbar.js";

const WAITING = "appears here as soon as you lift the pen";
const SITE = new URL("..", import.meta.url).href;
const LARGEST_REFERENCE = 1024; // pixels a side that are kept of a reference; its style is read from fewer
const MOST_SEED = 1_000_000;

const page = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));
const asked = new URLSearchParams(location.search);
const references = new Map(); // id -> {id, name, url}
let chosen = null;
let broken = false; // the painter cannot be opened
let manifest = null; // files.json: what the site holds

const zoom = new Zoom([page["sheet-stage"], page["picture-stage"]]);
const sheet = new Sheet({ ink: page.ink, dabs: page.dabs, cursor: page.cursor, zoom });
const picture = new Picture([page.picture, page.under]);
const painter = new Painter();
const taken = new Taken({ page, sheet, painter, say, fail });

function say(words, wrong = false) {
  page.status.textContent = words;
  page.status.classList.toggle("wrong", wrong);
}

// -- painting ------------------------------------------------------------------------------------------------------------

let request = 0;
let penUp = null; // when the stroke ended that the next painting answers

/** Paint what is on the sheet now. */
async function paint() {
  const mine = ++request;
  picture.shape(sheet.state.width, sheet.state.height);
  if (sheet.blank || !painter.ready || !chosen) return settle();
  document.body.classList.add("busy");
  const palette = page.palette.value || chosen;
  try {
    await Promise.all([...new Set([chosen, palette])].map(readStyle));
  } catch (error) {
    return fail(error.message);
  }
  const [ink, dabs] = await Promise.all([
    createImageBitmap(sheet.layers.ink),
    sheet.hasDabs ? createImageBitmap(sheet.layers.dabs) : null,
  ]);
  if (mine !== request) return undefined;
  return painter.paint({
    ink, dabs, style: chosen, palette, refine: true,
    seed: Number(page.seed.value) || 0, strength: Number(page.strength.value), lines: Number(page.lines.value),
  });
}

function readStyle(id) {
  const { name, url } = references.get(id);
  return painter.style(id, name, async () => createImageBitmap(await (await fetch(url)).blob()));
}

function settle() {
  document.body.classList.remove("busy");
  const painted = !sheet.blank && picture.shown;
  if (sheet.blank) picture.clear();
  page.waiting.hidden = painted;
  page.save.disabled = page.layers.disabled = !painted;
}

/** Drawing goes on; painting does not. */
function cannotPaint(words) {
  broken = true;
  page.progress.hidden = true;
  page["waiting-for"].textContent = "needs the painter, which could not be fetched";
  fail(words);
}

function fail(words) {
  document.body.classList.remove("busy");
  say(words, true);
}

painter.addEventListener("progress", ({ detail: { done, total } }) => {
  if (broken) return; // one file failed; the others still arrive
  const [here, all] = [done, total].map((bytes) => Math.round(bytes / 1e6));
  page["waiting-for"].textContent = `appears here as soon as the painter has arrived: ${here} of ${all} MB`;
  page.progress.hidden = false;
  page.progress.setAttribute("aria-valuenow", String(Math.round((100 * done) / total)));
  page.progress.firstElementChild.style.width = `${(100 * done) / total}%`;
  if (done < total) say(sheet.blank ? `Fetching the painter: ${here} of ${all} MB. You can draw already.` : `Fetching the painter: ${here} of ${all} MB`);
  else say("Unpacking the painter…");
});
painter.addEventListener("ready", ({ detail: { backend, runtime, threads } }) => {
  page.progress.hidden = true;
  const unit = threads === 1 ? "one thread" : `${threads} threads`;
  page.engine.textContent = backend === "webgpu" ? "Painted by this device's graphics processor" : `Painted by this device's processor, ${unit}`;
  document.body.dataset.backend = backend;
  page["waiting-for"].textContent = WAITING;
  say("");
  paint();
  const { module, glue, wasm } = manifest.runtimes[runtime];
  const networks = Object.values(manifest.model.networks);
  const later = networks.filter((network) => network.later); // not waited for, but offline there is no later
  const names = (entries) => entries.map(({ file }) => file);
  keepOffline([...manifest.keep, module, glue, wasm.file, ...names(later)], names(networks));
});
painter.addEventListener("picture", ({ detail: { stage, image, ms } }) => {
  picture.show(image);
  settle();
  document.body.classList.toggle("busy", stage === "draft");
  document.body.dataset.stage = stage;
  const wait = penUp === null ? ms : performance.now() - penUp;
  performance.measure(`s2i-${stage}`, { start: performance.now() - wait, end: performance.now() });
  say(`${stage === "draft" ? "Draft" : "Painted"} in ${(wait / 1000).toFixed(1)} s`);
});
painter.addEventListener("done", () => {
  penUp = null;
  document.body.classList.remove("busy");
  document.body.dataset.stage += " done";
});
painter.addEventListener("failed", ({ detail: { order, words } }) => (order === "open" ? cannotPaint(words) : fail(words)));

sheet.addEventListener("down", () => {
  painter.hush();
  if (document.body.classList.contains("view-painting")) setView("over");
});
sheet.addEventListener("up", () => (penUp = performance.now()));
sheet.addEventListener("change", () => {
  shapeSheet();
  paint();
});
for (const name of ["strength", "lines", "palette", "seed"]) page[name].addEventListener("change", () => paint());

// -- sheets --------------------------------------------------------------------------------------------------------------

function shapeSheet() {
  const { width, height } = sheet.state;
  const most = Math.max(width, height);
  for (const frame of [page.sheet, page.frame]) {
    Object.assign(frame.style, { width: `${(100 * width) / most}%`, height: `${(100 * height) / most}%` });
  }
}

const narrow = matchMedia("(max-width: 860px)");
function setView(view) {
  for (const each of ["both", "over", "painting"]) document.body.classList.toggle(`view-${each}`, each === view);
  document.querySelector(`[name=view][value=${view}]`).checked = true;
  zoom.reset();
}
for (const radio of document.querySelectorAll("[name=view]")) radio.addEventListener("change", () => setView(radio.value));
narrow.addEventListener("change", () => setView(narrow.matches ? "over" : "both"));
setView(narrow.matches ? "over" : "both");

// -- pictures from elsewhere ---------------------------------------------------------------------------------------------

async function takeReference(file) {
  try {
    const kept = await png(await readPicture(file, LARGEST_REFERENCE));
    const entry = { id: `own-${references.size}`, name: file.name || "Your picture", url: URL.createObjectURL(kept) };
    addReference(entry, true);
    choose(entry);
  } catch (error) {
    fail(error.message);
  }
}

const drawings = new Gallery(page.examples, {
  label: "Start from",
  addLabel: "Your drawing",
  add: picker(page["file-drawing"], (file) => taken.take(file)),
  choose: async ({ url, name }) => taken.take(new File([await (await fetch(url)).blob()], name), false),
});
const looks = new Gallery(page.references, {
  label: "Paint it like",
  addLabel: "Your picture",
  add: picker(page["file-reference"], takeReference),
  choose,
  radio: true,
});

function addReference(entry, first) {
  references.set(entry.id, entry);
  looks.put(entry, first);
  page.palette.append(new Option(`Colours of ${entry.name}`, entry.id));
}

function choose({ id }) {
  chosen = id;
  looks.mark(id);
  paint();
}

dropping(page.drop, (kind, file) => (kind === "drawing" ? taken.take(file) : takeReference(file)));

// -- tools and keys ------------------------------------------------------------------------------------------------------

toolbar(sheet, page);
const savePicture = saveButtons({ page, sheet, painter, say, fail });
function rollSeed() {
  page.seed.value = Math.floor(Math.random() * MOST_SEED);
  paint();
}
page.dice.innerHTML = icons.dice;
page.dice.setAttribute("aria-label", page.dice.title);
page.dice.addEventListener("click", rollSeed);

keys({
  b: () => sheet.set({ tool: "pen" }),
  e: () => sheet.set({ tool: "eraser" }),
  c: () => sheet.set({ tool: "dab" }),
  m: () => sheet.set({ mirror: !sheet.mirror }),
  r: rollSeed,
  "[": () => sheet.setSize(Math.min(sheet.sizes[sheet.tool] - 1, Math.round(sheet.sizes[sheet.tool] / 1.2))),
  "]": () => sheet.setSize(Math.max(sheet.sizes[sheet.tool] + 1, Math.round(sheet.sizes[sheet.tool] * 1.2))),
  "+": () => zoom.by(1.5),
  "=": () => zoom.by(1.5),
  "-": () => zoom.by(1 / 1.5),
  0: () => zoom.reset(),
  "ctrl+z": () => sheet.undo(),
  "ctrl+y": () => sheet.redo(),
  "ctrl+shift+z": () => sheet.redo(),
  "ctrl+s": () => !page.save.disabled && savePicture(),
});

// -- opening -------------------------------------------------------------------------------------------------------------

async function open() {
  await serviceWorker(SITE);
  const response = await fetch(`${SITE}files.json`);
  if (!response.ok) throw new Error(`The page is incomplete: files.json is missing (${response.status}).`);
  manifest = await response.json();
  for (const entry of manifest.references) addReference({ ...entry, url: SITE + entry.file }, false);
  for (const entry of manifest.drawings) drawings.put({ ...entry, url: SITE + entry.file });
  choose(manifest.references[0]);
  painter.open(SITE, manifest, { wanted: asked.get("backend"), threads: Number(asked.get("threads")) || null });
}

shapeSheet();
open().catch((error) => cannotPaint(error.message));
