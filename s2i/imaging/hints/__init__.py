"""Dabs of colour: read from a layer, placed, obeyed."""
