"""What evaluation measures: one idea a file, pure functions of arrays.

A `picture` is (H,W,3) uint8 sRGB, an `ink` (H,W) float in [0,1] with 1 = ink, `lines` (H,W) bool.
"""
