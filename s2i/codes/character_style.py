"""A figure's look on one page: each part has a style of its own, and a region that says where it is."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .regional_style import RegionalStyle
from .style import StyleCode


def character_style(background: StyleCode, parts: Sequence[StyleCode], regions: Tensor) -> RegionalStyle:
    """background, parts: a style each; a batch of them, from several references of one thing, is averaged.

    regions: (B,K,H,W) in [0,1], a channel for each of the K parts, as from `dab_regions`. The background paints where
    they leave room. Raises `S2IError` for styles of different models, or another number of regions than parts.
    """
    codes = tuple(_averaged(style) for style in (background, *parts))
    return RegionalStyle(codes, (torch.zeros_like(regions[:, :1]), *regions.split(1, 1)))


def _averaged(style: StyleCode) -> StyleCode:
    return style if style.batch == 1 else StyleCode.mean([style[i] for i in range(style.batch)])
