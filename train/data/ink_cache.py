"""Line drawings of pictures as PNG, keyed by the picture's content: some variants of each, drawn once, read often."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import numpy as np
import torch
from PIL import Image

from s2i.imaging.files.open_picture import open_picture
from s2i.imaging.ink.ink import resize_ink
from s2i.machine.atomic_file import atomic_file

from ..errors import TrainError


def ink_path(folder: Path, key: str, variant: int) -> Path:
    """Where variant `variant` of the picture whose SHA-256 is `key` lies: by content, never by name or position."""
    return folder / f"{key[:16]}_{variant:02d}.png"


def write_ink(path: Path, ink: np.ndarray) -> None:
    """(H,W) uint8, 255 = ink -> black lines on white, whole or not at all."""
    try:
        with atomic_file(path) as temporary:
            Image.fromarray(255 - ink).save(temporary, format="PNG", optimize=True)
    except OSError as error:
        raise TrainError(f"cannot write the sketch {path}: {error}") from error


def read_ink(file: Path | IO[bytes], size: tuple[int, int]) -> np.ndarray:
    """Black on white PNG -> (*size) uint8, 255 = ink, by the one rule that resizes ink. Raises `TrainError`."""
    try:
        with open_picture(file) as picture:
            grey = np.asarray(picture.convert("L"))
    except (OSError, SyntaxError) as error:
        raise TrainError(f"the ink {file} cannot be read ({error}): delete it and run train sketches again") from error
    if grey.shape == tuple(size):
        return 255 - grey
    ink = 1 - torch.from_numpy(grey.astype(np.float32))[None, None] / 255
    return (resize_ink(ink, size)[0, 0] * 255).round().byte().numpy()


def index_inks(folder: Path) -> dict[str, list[Path]]:
    """Key's first 16 digits -> its variants, in order of their names."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*_*.png")):
        found.setdefault(path.stem.split("_")[0], []).append(path)
    return found
