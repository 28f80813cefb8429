"""Figure/ground contrast: do the drawing's neighbouring areas differ in colour as they do in a real picture?"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.segmentation import expand_labels

from .colour import lab


def closed_regions(ink: np.ndarray, threshold: float = 0.3, gap: int = 2, smallest: float = 0.002) -> np.ndarray:
    """Ink (H,W) in [0,1] -> (H,W) int: the areas that lines close off, 1, 2, ...; 0 on the lines.

    Openings of up to 2 * `gap` pixels count as closed; areas below the share `smallest` of the picture do not count.
    """
    lines = ink > threshold
    thick = ndimage.binary_dilation(lines, iterations=gap) if gap else lines
    labels, count = ndimage.label(~thick)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    kept = sizes >= smallest * ink.size
    kept[0] = False
    number = np.where(kept, np.cumsum(kept), 0)
    return expand_labels(number[labels], gap) * ~lines


def neighbours(regions: np.ndarray, across: int = 8) -> np.ndarray:
    """Pairs (N,2) of areas that meet across a line at most `across` pixels wide."""
    grown = expand_labels(regions, across / 2 + 1)
    pairs = [(grown[:, :-1], grown[:, 1:]), (grown[:-1], grown[1:])]
    flat = np.concatenate([np.stack([a.ravel(), b.ravel()], 1) for a, b in pairs])
    flat = np.sort(flat[(flat[:, 0] != flat[:, 1]) & (flat.min(1) > 0)], 1)
    return np.unique(flat, axis=0)


def figure_ground_contrast(picture: np.ndarray, ink: np.ndarray) -> float:
    """Mean Lab distance between the mean colours of neighbouring closed regions of the ink; 0 is one flat tone.

    NaN where the drawing closes off nothing. Compare as a ratio: an output's over the real picture's.
    """
    regions = closed_regions(ink)
    pairs = neighbours(regions)
    if not len(pairs):
        return float("nan")
    colours = lab(picture)
    numbers = np.arange(regions.max() + 1)
    means = np.stack([ndimage.mean(colours[..., c], regions, numbers) for c in range(3)], 1)
    return float(np.linalg.norm(means[pairs[:, 0]] - means[pairs[:, 1]], axis=1).mean())
