"""The frames of an animated picture (WebP, GIF, APNG) as a batch."""

from __future__ import annotations

import os

import numpy as np
import torch
from torch import Tensor

from ...errors import S2IError
from ..pixels.layouts import over_white
from .open_picture import open_picture
from .picture_files import load_image

MOST = 512


def load_frames(path: str | os.PathLike[str]) -> Tensor:
    """Any picture file -> its frames (N,3,H,W) in [-1,1], one for a still picture. Raises as `load_image`."""
    from PIL import ImageSequence

    first = load_image(path)  # says what is wrong with a file, and reads a still picture in full
    with open_picture(path) as picture:
        count = getattr(picture, "n_frames", 1)
        if count == 1 or picture.format not in ("WEBP", "GIF", "PNG"):
            return first
        if count > MOST:
            raise S2IError(f"{path} has {count} frames; at most {MOST} are read at once: cut it into pieces")
        frames = [np.asarray(frame.convert("RGBA"), np.float32) / 255 for frame in ImageSequence.Iterator(picture)]
    stack = torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2)
    return over_white(stack[:, :3], stack[:, 3:]).contiguous() * 2 - 1
