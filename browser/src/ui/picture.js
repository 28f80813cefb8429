// The painting, wherever it is shown.

export class Picture {
  shown = false;

  /** canvases: all show the same. */
  constructor(canvases) {
    this.contexts = canvases.map((canvas) => canvas.getContext("2d"));
  }

  /** A sheet of another shape has another painting. */
  shape(width, height) {
    const aspect = width / height;
    if (this.aspect !== undefined && Math.abs(this.aspect - aspect) > 1e-3) this.clear();
    this.aspect = aspect;
  }

  /** image: ImageData; the canvas takes its size. */
  show(image) {
    for (const context of this.contexts) {
      Object.assign(context.canvas, { width: image.width, height: image.height });
      context.putImageData(image, 0, 0);
    }
    this.shown = true;
  }

  clear() {
    for (const { canvas } of this.contexts) canvas.width = canvas.height = 1;
    this.shown = false;
  }
}
