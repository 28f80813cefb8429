"""Colours that stand for a picture: a reference's moments, and palettes to edit."""
