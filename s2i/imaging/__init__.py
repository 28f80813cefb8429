"""Pure functions on pictures and ink, in rooms; `pixels` knows none of the others."""
