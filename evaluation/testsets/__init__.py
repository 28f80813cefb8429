"""Frozen test sets: lists of crops, rendered from the data folder when they are needed."""
