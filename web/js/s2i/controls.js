// Small parts that toolbars are made of.

import { icons } from "./icons.js";

export const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

export function button(icon, label, action, extra = {}) {
  const made = element("button", { type: "button", className: "s2i-button", title: label, innerHTML: icons[icon] });
  made.setAttribute("aria-label", label);
  made.addEventListener("click", action);
  return Object.assign(made, extra);
}

export function slider(label, { min, max, step }, action) {
  const made = element("input", { type: "range", className: "s2i-slider", min, max, step, title: label });
  made.setAttribute("aria-label", label);
  made.addEventListener("input", () => action(Number(made.value)));
  return made;
}

export const divider = () => element("span", { className: "s2i-divider" });
