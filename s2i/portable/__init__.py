"""Painting without torch: an exported model run by onnxruntime, everything around it in numpy.

Each function here has a twin in `s2i.imaging`, which training uses on tensors of any device; tests hold the two
together.
"""
