// Files to keep: the painting as PNG, and all layers as OpenRaster, for painting programs.

import { archive } from "./zip.js";

export function download(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export async function png(source) {
  const canvas = new OffscreenCanvas(source.width, source.height);
  const context = canvas.getContext("2d");
  if (source instanceof ImageData) context.putImageData(source, 0, 0);
  else context.drawImage(source, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

/** layers: [{name, picture}] from the top down, all of one size -> OpenRaster file. openraster.org, version 0.0.3 */
export async function openRaster(layers, { width, height }) {
  const merged = new OffscreenCanvas(width, height);
  const context = merged.getContext("2d");
  const files = [["mimetype", new TextEncoder().encode("image/openraster")]];
  const entries = layers.map(({ name, hidden }, i) =>
    `<layer name="${name}" src="data/${i}.png" x="0" y="0"${hidden ? ' visibility="hidden"' : ""}/>`);
  const stack = `<?xml version="1.0" encoding="UTF-8"?>\n<image version="0.0.3" w="${width}" h="${height}"><stack>${entries.join("")}</stack></image>`;
  files.push(["stack.xml", new TextEncoder().encode(stack)]);
  for (const [i, { picture, hidden }] of [...layers.entries()].reverse()) {
    const blob = await png(picture);
    files.push([`data/${i}.png`, await bytes(blob)]);
    if (!hidden) context.drawImage(await createImageBitmap(blob), 0, 0);
  }
  files.push(["mergedimage.png", await bytes(await png(merged))]);
  const scale = 256 / Math.max(width, height);
  const small = await createImageBitmap(merged, { resizeWidth: Math.round(width * scale), resizeHeight: Math.round(height * scale) });
  files.push(["Thumbnails/thumbnail.png", await bytes(await png(small))]);
  return new Blob([archive(files)], { type: "image/openraster" });
}

const bytes = async (blob) => new Uint8Array(await blob.arrayBuffer());
