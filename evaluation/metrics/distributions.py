"""Realism: how far a set of outputs lies from a set of real pictures, in the features of a named net."""

from __future__ import annotations

import numpy as np
from scipy import linalg


def kid(x: np.ndarray, y: np.ndarray, x_owners: np.ndarray, y_owners: np.ndarray) -> float:
    """Kernel distance between features x (N,D) and y (M,D): squared MMD with the kernel (a·b / D + 1)^3, unbiased
    (Bińkowski et al. 2018). About 0 for two samples of one distribution, slightly negative by chance.

    x_owners (N,K), y_owners (M,L): numbers of the paintings that each went into (-1 = none). Pairs that share a
    painting are left out, so that an output is never compared with its own target or reference, and a painting that
    bootstrapping drew twice is not compared with itself. NaN where that leaves no pairs.
    """
    related = (_related(x_owners, x_owners), _related(y_owners, y_owners), _related(x_owners, y_owners))
    xx, yy, xy = (_mean_kernel(a, b, r) for (a, b), r in zip(((x, x), (y, y), (x, y)), related, strict=True))
    return xx + yy - 2 * xy


def _related(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(N,M) bool: whether two rows name a painting in common."""
    same = a[:, None, :, None] == b[None, :, None, :]
    return (same & (a >= 0)[:, None, :, None]).any((2, 3))


def _mean_kernel(a: np.ndarray, b: np.ndarray, related: np.ndarray) -> float:
    kernel = (a.astype(np.float64) @ b.astype(np.float64).T / a.shape[1] + 1) ** 3
    return float(kernel[~related].mean()) if not related.all() else float("nan")


def frechet_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Distance of two Gaussians fitted to features x (N,D), y (M,D) (Heusel et al. 2017); 0 = same mean, covariance.

    Biased upwards where N or M is not far above D: compare only sets of one size, beside the real-vs-real floor.
    """
    x, y = x.astype(np.float64), y.astype(np.float64)
    a, b = (np.atleast_2d(np.cov(z, rowvar=False)) for z in (x, y))
    # The trace of (a b)^1/2 through symmetric matrices: no complex rounding, and singular ones are welcome.
    values, vectors = linalg.eigh(a)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    trace = np.sqrt(np.clip(linalg.eigvalsh(root @ b @ root), 0, None)).sum()
    return float(np.square(x.mean(0) - y.mean(0)).sum() + np.trace(a) + np.trace(b) - 2 * trace)
