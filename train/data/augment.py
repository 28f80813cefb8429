"""Random changes to pictures, references and inks. Every function draws from the generator it is given."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from numpy.random import Generator
from PIL import Image
from torch import Tensor

from s2i.imaging.layouts import uint8_to_image


def random_box(rng: Generator, height: int, width: int, scale: tuple[float, float]) -> tuple[int, int, int]:
    """A square (top, left, side); side is log-uniform in `scale` times the short side."""
    short = min(height, width)
    side = max(16, min(short, round(short * math.exp(rng.uniform(math.log(scale[0]), math.log(scale[1]))))))
    return int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1)), side


def overlap(a: tuple[int, int, int], b: tuple[int, int, int]) -> float:
    """Shared area of two squares over the smaller one's area."""
    dy = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    dx = min(a[1] + a[2], b[1] + b[2]) - max(a[1], b[1])
    return max(dy, 0) * max(dx, 0) / min(a[2], b[2]) ** 2


def crop(array: np.ndarray, box: tuple[int, int, int], size: int) -> np.ndarray:
    """uint8 (H,W,3) or (H,W), square box -> (size,size,...), area-averaged when it shrinks."""
    top, left, side = box
    part = Image.fromarray(np.ascontiguousarray(array[top : top + side, left : left + side]))
    return np.asarray(part.resize((size, size), Image.Resampling.BOX if side > size else Image.Resampling.BICUBIC))


def to_image(array: np.ndarray) -> Tensor:
    """uint8 (H,W,3) -> (3,H,W) in [-1,1]."""
    return uint8_to_image(array)[0]


class ColourJitter:
    """One random change of colours, applied alike to a target and its reference.

    Because both change together, the target's colours cannot be guessed from the drawing: they must come from the
    reference.
    """

    def __init__(self, rng: Generator, strength: float = 1.0) -> None:
        strength *= rng.random() ** 0.7  # most pictures keep colours that could be real
        angle = rng.normal(0, 0.5) * strength if rng.random() < 0.7 else rng.uniform(-math.pi, math.pi) * strength
        axis = np.ones(3) / math.sqrt(3)
        cross = np.cross(np.eye(3), axis)
        rotate = math.cos(angle) * np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * np.outer(axis, axis)
        saturation = math.exp(rng.uniform(-0.4, 0.75) * strength)
        grey = np.full((3, 3), 1 / 3)
        contrast = math.exp(rng.uniform(-0.2, 0.35) * strength)
        matrix = contrast * (saturation * np.eye(3) + (1 - saturation) * grey) @ rotate
        self.matrix = torch.from_numpy(matrix.astype(np.float32))
        self.shift = torch.from_numpy((rng.normal(0, 0.1, 3) * strength).astype(np.float32))[:, None, None]
        self.gamma = math.exp(rng.uniform(-0.6, 0.25) * strength)  # the oils are dark: lean towards brighter
        self.invert = rng.random() < 0.04 * strength

    def __call__(self, image: Tensor) -> Tensor:
        """(3,H,W) in [-1,1] -> the same."""
        y = (image * 0.5 + 0.5).clamp(0, 1) ** self.gamma * 2 - 1
        y = torch.einsum("ij,jhw->ihw", self.matrix, y) + self.shift
        return (-y if self.invert else y).clamp(-1, 1)


def patch_shuffle(rng: Generator, image: Tensor) -> Tensor:
    """Cut (C,H,W) into 4x4 to 8x8 tiles and shuffle them: appearance stays, layout goes."""
    side = image.shape[-1]
    n = int(rng.choice([k for k in (4, 5, 6, 8) if side % k == 0]))
    tiles = image.unfold(1, side // n, side // n).unfold(2, side // n, side // n).flatten(1, 2)
    tiles = tiles[:, torch.from_numpy(rng.permutation(n * n))].unflatten(1, (n, n))
    return tiles.permute(0, 1, 3, 2, 4).reshape(image.shape)


def random_affine(rng: Generator, image: Tensor) -> Tensor:
    """Rotate by up to 30 degrees, zoom, shift and flip (C,H,W), reflecting at the border."""
    angle, zoom = rng.uniform(-0.52, 0.52), rng.uniform(0.5, 0.95)
    flip = -1.0 if rng.random() < 0.5 else 1.0
    c, s = math.cos(angle) * zoom, math.sin(angle) * zoom
    dy, dx = rng.uniform(-1, 1, 2) * (1 - zoom)
    theta = torch.tensor([[[c * flip, -s, dx], [s * flip, c, dy]]], dtype=torch.float32)
    grid = F.affine_grid(theta, [1, *image.shape], align_corners=False)
    return F.grid_sample(image[None], grid, padding_mode="reflection", align_corners=False)[0]


def wobble(rng: Generator, ink: Tensor, amplitude: float = 1.5) -> Tensor:
    """Bend lines by a smooth random field of about `amplitude` pixels: a hand is never exact. (1,H,W)."""
    side = ink.shape[-1]
    coarse = torch.from_numpy(rng.normal(0, 1, (1, 2, max(3, side // 20), max(3, side // 20))).astype(np.float32))
    field = F.interpolate(coarse, ink.shape[-2:], mode="bicubic", align_corners=False) * (2 * amplitude / side)
    axis = (torch.arange(side, dtype=torch.float32) * 2 + 1) / side - 1
    grid = torch.stack(torch.meshgrid(axis, axis, indexing="ij")[::-1], -1)[None] + field.permute(0, 2, 3, 1)
    return F.grid_sample(ink[None], grid, align_corners=False)[0]


def change_weight(rng: Generator, ink: Tensor, limit: float = 3.0) -> Tensor:
    """Make lines thicker by up to `limit` pixels, or a little fainter. (1,H,W) in [0,1]."""
    extra = rng.exponential(0.8) * (1 - min(float(ink.mean()) * 5, 1))  # a dense drawing would clot
    if extra > 0.4:
        whole = min(int(extra), int(limit))
        for _ in range(whole):
            ink = F.max_pool2d(ink[None], 3, 1, 1)[0]
        grown = F.max_pool2d(ink[None], (3, 3), 1, 1)[0]
        ink = ink + (grown - ink) * min(extra - whole, 1)
    return ink


def erase(rng: Generator, ink: Tensor, most: int = 4) -> Tensor:
    """Rub out a few soft patches: unfinished drawings, gaps in lines. (1,H,W)."""
    side = ink.shape[-1]
    keep = torch.ones_like(ink)
    for _ in range(int(rng.integers(0, most + 1))):
        h, w = (int(v) for v in rng.integers(2, max(3, side // 4), 2))
        top, left = int(rng.integers(0, side - h + 1)), int(rng.integers(0, side - w + 1))
        keep[:, top : top + h, left : left + w] = 0
    return ink * keep


def vary_ink(rng: Generator, ink: Tensor) -> Tensor:
    """One of the many looks of a drawing: weight, wobble, gaps, grey or hard. (1,H,W) in [0,1]."""
    if rng.random() < 0.6:
        ink = wobble(rng, ink, rng.uniform(0.2, 1.5))
    ink = change_weight(rng, ink)
    if rng.random() < 0.4:
        ink = erase(rng, ink)
    if rng.random() < 0.35:
        ink = torch.sigmoid((ink - rng.uniform(0.3, 0.5)) * 14)  # hard, nearly binary
        ink = (ink - 0.02).clamp_min(0)
    if rng.random() < 0.4:
        ink = ink * rng.uniform(0.45, 1.0)  # pencil
    return ink.clamp(0, 1)
