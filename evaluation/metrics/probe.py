"""Disentanglement: can a linear probe tell from content features which picture they came from?"""

from __future__ import annotations

import numpy as np


def probe_accuracy(
    train_x: np.ndarray, train_y: np.ndarray, test_x: np.ndarray, test_y: np.ndarray, ridge: float = 1.0
) -> float:
    """Accuracy of a linear classifier (ridge regression to one-hot labels) on features (N,D), labels (N,) int.

    Chance is one over the number of labels; content features that name their picture carry more than its lines.
    """
    mean, spread = train_x.mean(0), train_x.std(0) + 1e-6
    a, b = ((np.asarray(x, np.float64) - mean) / spread for x in (train_x, test_x))
    labels = np.unique(train_y)
    target = (train_y[:, None] == labels[None]).astype(np.float64)
    gram = a @ a.T + ridge * a.shape[1] / 100 * np.eye(len(a))  # dual form: fewer samples than features
    scores = b @ a.T @ np.linalg.solve(gram, target - target.mean(0))
    return float((labels[scores.argmax(1)] == test_y).mean())
