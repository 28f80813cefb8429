// A choice shown as thumbnails: pictures, where one can drop one's own, or saved styles. The value is the name chosen.

import { element } from "./controls.js";

const OF_INPUT = " [input]"; // how ComfyUI marks a file of its input folder

export class Gallery {
  /** t: words; names: what there is; address(name): of its thumbnail; upload(file) -> promise of a name, or null;
   * changed(): called after the user's choice. */
  constructor({ t, names, address, upload, changed }) {
    Object.assign(this, { t, address, upload, changed, chosen: names[0] ?? "" });
    this.caption = element("div", { className: "s2i-status" });
    this.list = element("div", { className: "s2i-thumbnails" });
    this.list.setAttribute("role", "listbox");
    this.element = element("div", { className: "s2i-gallery" }, this.list, this.caption);
    if (upload) this.#takeFiles();
    this.setNames(names);
  }

  get value() {
    return this.chosen;
  }

  set value(name) {
    this.chosen = String(name ?? "");
    this.#show();
  }

  setNames(names) {
    this.names = names;
    this.#show();
  }

  #takeFiles() {
    this.file = element("input", { type: "file", accept: "image/*", hidden: true });
    this.file.addEventListener("change", () => this.file.files[0] && this.#take(this.file.files[0]));
    this.element.append(this.file);
    for (const name of ["dragenter", "dragover", "drop"]) {
      this.element.addEventListener(name, (event) => {
        const file = [...(event.dataTransfer?.files ?? [])].find((f) => f.type.startsWith("image/"));
        event.preventDefault();
        event.stopPropagation();
        if (file && name === "drop") this.#take(file);
      });
    }
  }

  async #take(file) {
    try {
      this.#choose(`${await this.upload(file)}${OF_INPUT}`);
    } catch {
      this.caption.textContent = this.t.uploadFailed;
    }
    this.file.value = "";
  }

  #choose(name) {
    this.value = name;
    this.changed();
  }

  #tile(name) {
    const tile = element("button", { type: "button", className: "s2i-tile", title: name });
    tile.setAttribute("role", "option");
    tile.setAttribute("aria-label", name);
    tile.setAttribute("aria-selected", String(name === this.chosen));
    const image = element("img", { alt: "", draggable: false, loading: "lazy", src: this.address(name) });
    // A style without a swatch, or a file that is gone: its name instead.
    image.addEventListener("error", () => image.replaceWith(element("span", { textContent: shortened(name) })));
    tile.append(image);
    tile.addEventListener("click", () => this.#choose(name));
    return tile;
  }

  #show() {
    const own = this.chosen && !this.names.includes(this.chosen) ? [this.chosen] : [];
    const tiles = [...own, ...this.names].map((name) => this.#tile(name));
    if (this.upload) {
      const add = element("button", { type: "button", className: "s2i-tile s2i-add", title: this.t.add, textContent: "+" });
      add.setAttribute("aria-label", this.t.add);
      add.addEventListener("click", () => this.file.click());
      tiles.unshift(add);
    }
    this.list.replaceChildren(...tiles);
    this.caption.textContent = this.chosen;
    this.list.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }
}

const shortened = (name) => name.split("/").at(-1).replace(/\.\w+$/, "");
