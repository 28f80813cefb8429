// Line icons on a 16 x 16 grid, drawn for this pack.

const icon = (path) =>
  `<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.4"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${path}</svg>`;

export const icons = {
  pen: icon('<path d="M2.5 13.5l.8-3.2 7.6-7.6a1.4 1.4 0 0 1 2 0l.4.4a1.4 1.4 0 0 1 0 2l-7.6 7.6zM9.6 4l2.4 2.4"/>'),
  eraser: icon('<path d="M6 13.2L2.6 9.8a1.3 1.3 0 0 1 0-1.8l5.4-5.4a1.3 1.3 0 0 1 1.8 0l3.4 3.4a1.3 1.3 0 0 1 0 1.8L7.8 13.2zM5.2 5.4l5.2 5.2M6 13.2h7.5"/>'),
  dab: icon('<path d="M8 2.2c2.4 2.9 4 4.9 4 7a4 4 0 0 1-8 0c0-2.1 1.6-4.1 4-7zM6.2 9.5a1.9 1.9 0 0 0 1.6 1.8"/>'),
  eyedropper: icon('<path d="M9.3 4.4l2.3 2.3M8.5 5.2l-5.3 5.3-.7 3 3-.7 5.3-5.3M10.2 3.5a1.7 1.7 0 0 1 2.4 2.4l-1.2 1.2-2.4-2.4z"/>'),
  undo: icon('<path d="M5.5 3L2.5 6l3 3M2.8 6H10a3.5 3.5 0 0 1 0 7H6"/>'),
  redo: icon('<path d="M10.5 3l3 3-3 3M13.2 6H6a3.5 3.5 0 0 0 0 7h4"/>'),
  clear: icon('<path d="M2.5 4.3h11M6 4.3V2.8h4v1.5M4 4.3l.6 8.9h6.8l.6-8.9M6.7 7v3.7M9.3 7v3.7"/>'),
  underlay: icon('<rect x="2" y="3" width="12" height="10" rx="1.5"/><circle cx="5.7" cy="6.3" r="1.1"/><path d="M2.5 12l3.5-3.3 2.3 2 2.7-3 2.8 3"/>'),
  fit: icon('<path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10"/>'),
  remove: icon('<path d="M4 4l8 8M12 4l-8 8"/>'),
};
