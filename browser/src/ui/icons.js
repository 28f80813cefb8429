// Line icons on a 16 x 16 grid: those of the Sketch Pad, and what only the page needs.

import { icons as pad } from "../../pad/icons.js";

const icon = (path) =>
  `<svg viewBox="0 0 16 16" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.3"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${path}</svg>`;

export const icons = {
  ...pad,
  mirror: icon('<path d="M8 1.5v13M5.8 4.5L1.8 12h4zM10.2 4.5l4 7.5h-4z"/>'),
  accept: icon('<path d="M3 8.6l3.3 3.2L13 4.6"/>'),
  add: icon('<path d="M8 3.2v9.6M3.2 8h9.6"/>'),
  dice: icon('<rect x="2.3" y="2.3" width="11.4" height="11.4" rx="2.6"/><path d="M5.5 5.5h.01M10.5 5.5h.01M8 8h.01M5.5 10.5h.01M10.5 10.5h.01" stroke-width="1.9"/>'),
};
