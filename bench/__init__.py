"""Comparisons that anyone can re-run. It imports train and s2i; neither needs it."""
