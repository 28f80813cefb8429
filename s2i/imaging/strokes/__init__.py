"""Drawings made of strokes, as the Sketch Pad keeps them."""
