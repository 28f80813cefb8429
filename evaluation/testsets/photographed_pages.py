"""Photographs of drawings on paper, rendered so that the ink is known: from the drawings of art/ and from strokes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from s2i.imaging.files.picture_files import load_ink
from s2i.imaging.strokes.drawing import Drawing

ART = Path(__file__).parents[2] / "art"
CONDITIONS = ("gradient", "hand", "lamp", "ruled", "pencil", "phone")
_LAMP, _RULING = np.array([1.0, 0.84, 0.55]), np.array([0.62, 0.74, 0.92])


def inks(side: int = 512) -> Iterator[tuple[str, np.ndarray]]:
    """Name and ink (side,side) in [0,1] of every drawing; the strokes of a pen of three widths are among them."""
    for path in sorted((ART / "sketches").glob("*.png")):
        ink = torch.nn.functional.interpolate(load_ink(path), (side, side), mode="area")
        yield path.stem, ink[0, 0].numpy()
    for path in sorted((ART / "drawings").glob("*.json")):
        yield path.stem, Drawing.from_json(path.read_text()).render(side, side)[0, 0].numpy()
    yield "strokes", _strokes(side)


def _strokes(side: int) -> np.ndarray:
    """Loops and hatching of widths 1.5, 3 and 6 pixels."""
    sheet = Image.new("L", (4 * side, 4 * side))
    draw = ImageDraw.Draw(sheet)
    turn = np.linspace(0, 6 * np.pi, 600)
    for i, width in enumerate((6, 12, 24)):
        x = 4 * side * (0.1 + 0.8 * turn / turn[-1]) + 0.09 * side * np.cos(3 * turn)
        y = 4 * side * (0.2 + 0.25 * i) + 0.4 * side * np.sin(turn + i)
        draw.line(list(zip(x, y, strict=True)), fill=255, width=width, joint="curve")
        for k in range(8):
            left = 4 * side * (0.15 + 0.02 * k + 0.25 * i)
            draw.line([(left, 3.5 * side), (left + 0.2 * side, 3.8 * side)], fill=255, width=width)
    return np.asarray(sheet.reduce(4), np.float32) / 255


def photograph(ink: np.ndarray, condition: str, seed: int) -> np.ndarray:
    """ink (H,W) -> a photograph of it on paper, (H,W,3) in [0,1]; the same seed gives the same page."""
    rng = np.random.default_rng(seed)
    h, w = ink.shape
    y, x = np.mgrid[0:h, 0:w] / max(h, w)
    paper = 0.93 + 0.012 * rng.standard_normal((h, w)) + 0.01 * _smooth(rng, h, w, 9)
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5)
    light, tint, darkness = 0.85 + 0.25 * slope, np.ones(3), rng.uniform(0.75, 0.92)
    if condition == "gradient":
        light = 0.62 + 0.75 * slope
    if condition == "hand":
        cx, cy = rng.uniform(0.55, 0.95), rng.uniform(0.5, 0.95)
        distance = np.hypot((x - cx) / 0.42, (y - cy) / 0.3)
        light = light * (1 - 0.45 / (1 + np.exp((distance - 1) / 0.07)))
    if condition == "lamp":
        light, tint = 0.45 + 0.55 * np.exp(-4 * ((x - 0.2) ** 2 + (y - 0.15) ** 2)), _LAMP
    if condition == "pencil":
        darkness = rng.uniform(0.3, 0.45) * (0.75 + 0.25 * np.clip(1 + _smooth(rng, h, w, 2), 0, 1.3))
    page = np.repeat(paper[..., None], 3, 2)
    if condition == "ruled":
        lines = np.zeros((h, w, 1))
        lines[rng.integers(8, 20) :: max(12, h // 22)] = 1
        lines[1:] = np.maximum(lines[1:], 0.5 * lines[:-1])
        page = page * (1 - lines * (1 - _RULING))
    page = page * (1 - (ink * darkness)[..., None]) * light[..., None] * tint
    if condition == "phone":
        page = page * (1 - 0.55 * ((x - 0.5) ** 2 + (y - 0.5) ** 2))[..., None] * np.array([0.97, 1.0, 0.93])
        page = 0.06 + 0.86 * page + 0.02 * rng.standard_normal(page.shape)
    page = np.clip(page + 0.006 * rng.standard_normal(page.shape), 0, 1)
    return _jpeg(page, 70 if condition == "phone" else 90)


def _smooth(rng: np.random.Generator, h: int, w: int, reach: int) -> np.ndarray:
    small = Image.fromarray(rng.standard_normal((h // reach + 2, w // reach + 2)).astype(np.float32))
    return np.asarray(small.resize((w, h), Image.BICUBIC))


def _jpeg(page: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray((page * 255).round().astype(np.uint8)).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"), np.float32) / 255
