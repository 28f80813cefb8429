"""Sketches without a trained network: XDoG and Canny in plain torch."""
