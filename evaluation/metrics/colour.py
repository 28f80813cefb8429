"""Style: are the output's colours the reference's? Distances in CIE Lab units (about 2.3 is just noticeable)."""

from __future__ import annotations

import numpy as np
from scipy.stats import wasserstein_distance_nd
from skimage.color import rgb2lab

_SAMPLES = 4096


def lab(picture: np.ndarray) -> np.ndarray:
    """(H,W,3) uint8 -> (H,W,3) float: L in 0..100, a and b about -100..100."""
    return rgb2lab(picture)


def sliced_wasserstein(a: np.ndarray, b: np.ndarray, directions: int = 32) -> float:
    """Mean 1-D earth mover's distance between the two pictures' Lab colours along fixed directions (Bonneel et al.
    2015). Where a colour is does not matter; the pictures' sizes may differ. 0 = same colours in the same amounts."""
    rng = np.random.default_rng(0)
    axes = rng.normal(size=(3, directions))
    axes /= np.linalg.norm(axes, axis=0)
    quantiles = (np.arange(512) + 0.5) / 512
    x, y = (np.quantile(_sample(p) @ axes, quantiles, axis=0) for p in (a, b))
    return float(np.abs(x - y).mean())


def histogram_emd(a: np.ndarray, b: np.ndarray, bin_width: float = 20.0) -> float:
    """Earth mover's distance between the two pictures' 3-D Lab histograms (Rubner et al. 2000), in Lab units.

    Each occupied bin counts as its own mean colour, so the bins' grid adds no error of its own.
    """
    (x, x_weights), (y, y_weights) = _signature(a, bin_width), _signature(b, bin_width)
    return float(wasserstein_distance_nd(x, y, x_weights, y_weights))


def mean_chroma(picture: np.ndarray) -> float:
    """Mean colourfulness, Lab chroma: 0 for greys."""
    return float(np.hypot(*np.moveaxis(lab(picture)[..., 1:], -1, 0)).mean())


def _sample(picture: np.ndarray) -> np.ndarray:
    """Evenly spread pixels in Lab, (N,3) with N at most a few thousand."""
    stride = max(1, int(np.sqrt(picture.shape[0] * picture.shape[1] / _SAMPLES)))
    return lab(picture[::stride, ::stride]).reshape(-1, 3)


def _signature(picture: np.ndarray, bin_width: float) -> tuple[np.ndarray, np.ndarray]:
    """(mean colours (K,3), shares (K,)) of the bins that hold at least half a percent of the picture."""
    colours = _sample(picture)
    _, index = np.unique(np.floor(colours / bin_width).astype(int), axis=0, return_inverse=True)
    index = index.reshape(-1)
    count = np.bincount(index)
    sums = np.stack([np.bincount(index, colours[:, c]) for c in range(3)], 1)
    kept = count >= 0.005 * len(colours)
    return sums[kept] / count[kept, None], count[kept] / count[kept].sum()
