// The tools of the drawing sheet, and the keys that stand for them.

import { icons } from "./icons.js";

const COLOURS = {
  Red: "#d9482b", Amber: "#e9a23b", Sand: "#f2dfa7", Green: "#5f8f4e", Blue: "#3d7ea6", Navy: "#2c3e78", Violet: "#8d5a9e",
  Cream: "#f4efe6", Umber: "#4a3a2f",
};

/** sheet: the drawing sheet; page: the elements by id. */
export function toolbar(sheet, page) {
  const tools = [...document.querySelectorAll("[data-tool]")];
  for (const button of tools) {
    button.innerHTML = icons[button.dataset.tool];
    button.setAttribute("aria-label", button.title);
    button.addEventListener("click", () => sheet.set({ tool: button.dataset.tool }));
  }
  for (const [name, act] of Object.entries({
    undo: () => sheet.undo(),
    redo: () => sheet.redo(),
    clear: () => sheet.clear(),
    mirror: () => sheet.set({ mirror: !sheet.mirror }),
  })) {
    page[name].innerHTML = icons[name];
    page[name].setAttribute("aria-label", page[name].title);
    page[name].addEventListener("click", act);
  }
  page.size.addEventListener("input", () => sheet.setSize(Number(page.size.value)));
  const colours = swatches(sheet, page.swatches);

  const show = () => {
    for (const button of tools) button.setAttribute("aria-checked", String(button.dataset.tool === sheet.tool));
    page.size.max = sheet.tool === "pen" ? 40 : 160;
    page.size.value = sheet.sizes[sheet.tool];
    page.mirror.setAttribute("aria-pressed", String(sheet.mirror));
    page.undo.disabled = !sheet.canUndo;
    page.redo.disabled = !sheet.canRedo;
    page.clear.disabled = sheet.blank;
    page.hint.hidden = !sheet.blank || sheet.drawing;
    page.swatches.hidden = sheet.tool !== "dab";
    page.examples.hidden = !page.swatches.hidden; // in their place, so that nothing moves
    page.ink.dataset.tool = sheet.tool;
    colours();
  };
  for (const type of ["state", "down", "up"]) sheet.addEventListener(type, show);
  show();
}

function swatches(sheet, row) {
  const buttons = Object.entries(COLOURS).map(([name, colour]) => {
    const button = Object.assign(document.createElement("button"), { type: "button", title: name });
    button.setAttribute("role", "radio");
    button.setAttribute("aria-label", name);
    button.dataset.colour = colour;
    button.style.setProperty("--swatch", colour);
    button.addEventListener("click", () => sheet.set({ colour }));
    return button;
  });
  const own = Object.assign(document.createElement("input"), { type: "color", value: sheet.colour, title: "Any other colour" });
  own.setAttribute("aria-label", "Any other colour");
  own.addEventListener("input", () => sheet.set({ colour: own.value }));
  const words = Object.assign(document.createElement("span"), { className: "label", textContent: "Dab a colour" });
  row.append(words, ...buttons, own);
  return () => {
    for (const button of buttons) button.setAttribute("aria-checked", String(button.dataset.colour === sheet.colour));
    own.classList.toggle("chosen", !Object.values(COLOURS).includes(sheet.colour));
    own.value = sheet.colour;
  };
}

/** Keys that work anywhere on the page but in a field. acts: {key: function}; a key may be "ctrl+z" or "ctrl+shift+z". */
export function keys(acts) {
  addEventListener("keydown", (event) => {
    if (event.target.matches("input:not([type=range]):not([type=radio]), select, textarea") || event.altKey) return;
    const command = event.ctrlKey || event.metaKey;
    const name = `${command ? "ctrl+" : ""}${command && event.shiftKey ? "shift+" : ""}${event.key.toLowerCase()}`;
    if (!acts[name]) return;
    event.preventDefault();
    acts[name]();
  });
}
