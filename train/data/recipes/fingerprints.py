"""Knowing a picture again that other software decoded, trimmed, resized and encoded."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from .. import art_set

SIDE, LEVELS = 8, 16
ALIKE = 0.9  # correlation; what shows something else reaches .6 at times


@dataclass(frozen=True)
class Fingerprint:
    """size: (width, height) in pixels. grid (8,8): area-averaged greys, 0 the darkest of them and 15 the brightest.
    sha256: the first 16 hexadecimal digits of the file's."""

    size: tuple[int, int]
    grid: np.ndarray
    sha256: str


def grey_grid(grey: Image.Image, box: tuple[float, float, float, float] | None = None) -> np.ndarray:
    """A grey picture, or a box of it -> its (8,8) area averages, float."""
    return np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.BOX, box=box)).astype(np.float64)


def coded_grid(grid: np.ndarray) -> str:
    """(8,8) greys -> 64 hexadecimal digits, row by row, spread over all 16 levels."""
    spread = (grid - grid.min()) / max(float(np.ptp(grid)), 1e-6)
    return "".join(f"{level:x}" for level in np.round((LEVELS - 1) * spread).astype(int).ravel())


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation of two grids, -1..1: brightness and contrast do not count. 0 where one is flat."""
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 1e-9 else 0.0


def short_sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def read_fingerprints() -> dict[str, Fingerprint]:
    """File, relative to the set's root, -> what it looks like. A table is named after a folder of the set, plates.1.csv
    after `plates`; the folders of sketches/ go by their own names."""
    found = {}
    for table in sorted((art_set.ART / "fingerprints").glob("*.csv")):
        name = table.name.split(".")[0]
        prefix = name if name in ("plates", "paintings") else f"sketches/{name}"
        with open(table, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                width, height = map(int, row["size"].split("x"))
                grid = np.array([int(digit, 16) for digit in row["grid"]], np.float64).reshape(SIDE, SIDE)
                found[f"{prefix}/{row['file']}"] = Fingerprint((width, height), grid, row["sha256"])
    return found
