"""A judge without its weights, and a small data folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy import ndimage

from evaluation.judges.thin_resnet50 import ThinResNet50
from evaluation.testsets.selection import Source


def stand_in_judge() -> ThinResNet50:
    """The judge's architecture with random weights: features of its kind, without its package."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        judge = ThinResNet50()
    for name, weight in judge.named_parameters():
        if name.endswith("expand.weight"):
            weight.data *= 0.3  # or sixteen residual blocks add up
    return judge.eval().requires_grad_(False)


def picture(seed: int, size: int = 96) -> np.ndarray:
    """(size,size,3) uint8: a few blurred blocks of colour and a disc."""
    rng = np.random.default_rng(seed)
    blocks = ndimage.zoom(rng.integers(20, 235, (4, 4, 3)).astype(float), (size / 4, size / 4, 1), order=0)
    y, x = np.mgrid[:size, :size]
    blocks[np.hypot(y - size / 2, x - size / 2) < size / 4] = rng.integers(0, 255, 3)
    return ndimage.gaussian_filter(blocks, (1, 1, 0)).clip(0, 255).astype(np.uint8)


def drawing(seed: int, size: int = 96) -> np.ndarray:
    """(size,size) uint8: black outlines of a disc and a box on white."""
    rng = np.random.default_rng(seed)
    sheet = np.full((size, size), 255, np.uint8)
    y, x = np.mgrid[:size, :size]
    radius = rng.uniform(size / 6, size / 3)
    sheet[np.abs(np.hypot(y - size / 2, x - size / 2) - radius) < 1.5] = 0
    top = int(rng.integers(4, size // 4))
    sheet[top : top + 2, 6:-6] = sheet[-8:-6, 6:-6] = 0
    return sheet


def write_data(folder: Path, books: int = 6, per_book: int = 3) -> dict[str, Source]:
    """plates, paintings and both kinds of sketches below `folder`; -> its files."""
    files: dict[str, Source] = {}

    def put(name: str, image: np.ndarray, book: str) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
        files[name] = Source(book)

    for book in range(books):
        for i in range(per_book):
            put(f"plates/{book}_{i}.png", picture(10 * book + i), f"book {book}")
        put(f"paintings/artist{book}_x.png", picture(1000 + book), f"artist {book}")
        put(f"sketches/ink/{book}_a.png", drawing(book), f"book {book}")
        put(f"sketches/tu-berlin/{book}.png", drawing(100 + book), f"tu {book}")
    return files
