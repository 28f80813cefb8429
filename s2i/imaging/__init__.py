"""Pure functions on pictures and ink: layouts, sizes, padding, colour, region facts, XDoG, Canny, cleaning."""
