// Pictures from outside: dropped, pasted or picked.

/** layer: shown while something is dragged, with two halves; take(kind, file), kind "drawing" or "reference". */
export function dropping(layer, take) {
  let depth = 0;
  const halves = [...layer.querySelectorAll("[data-drop]")];
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const mark = (target) => halves.forEach((half) => half.classList.toggle("over", half === target));
  const half = (event) => event.target.closest?.("[data-drop]") ?? halves[event.clientX < innerWidth / 2 ? 0 : 1];
  addEventListener("dragenter", (event) => {
    if (!carries(event)) return;
    depth += 1;
    layer.hidden = false;
  });
  addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    layer.hidden = !depth;
  });
  addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    mark(half(event));
  });
  addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files?.[0];
    if (!file) return;
    event.preventDefault();
    const { drop } = half(event).dataset;
    depth = 0;
    layer.hidden = true;
    mark(null);
    take(drop, file);
  });
  addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((each) => each.type.startsWith("image/"));
    if (file) take("drawing", file);
  });
}

/** A button's file picker. */
export function picker(input, take) {
  input.addEventListener("change", () => {
    if (input.files[0]) take(input.files[0]);
    input.value = "";
  });
  return () => input.click();
}

/** File -> ImageBitmap of at most `most` pixels a side, upright as the camera meant it. */
export async function readPicture(file, most) {
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Error(`${file.name || "This file"} is not a picture that this browser can read.`);
  }
  const scale = Math.min(1, most / Math.max(picture.width, picture.height));
  if (scale === 1) return picture;
  const [resizeWidth, resizeHeight] = [picture.width, picture.height].map((n) => Math.max(1, Math.round(n * scale)));
  return createImageBitmap(picture, { resizeWidth, resizeHeight, resizeQuality: "high" });
}
