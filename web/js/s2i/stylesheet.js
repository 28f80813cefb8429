// The styles of a widget: a file beside this one, asked for once by whoever shows the widget.

export function stylesheet(name) {
  const href = new URL(`./${name}`, import.meta.url).href;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
