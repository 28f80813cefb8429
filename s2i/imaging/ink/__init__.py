"""A drawing as ink: read off paper or a layer, resized, cleaned, laid over a painting."""
