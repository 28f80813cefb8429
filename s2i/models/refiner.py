"""One step that doubles a painting's size and paints what the larger size has room for."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import RefinerConfig
from ..layers.norm import ChannelRMSNorm

LATENT = 4  # the latents' cell, in pixels of the output


class StyledBlock(nn.Module):
    """x + gain * conv3(silu(conv3(silu(modulate(norm(x), style))))). (B,C,H,W), (B,D) -> (B,C,H,W).

    The modulation starts as the identity: a step that has not learned a style ignores it instead of being shaken by it.
    """

    def __init__(self, channels: int, style_dim: int) -> None:
        super().__init__()
        self.norm = ChannelRMSNorm(channels, affine=False)
        self.style = nn.Linear(style_dim, 2 * channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.gain = nn.Parameter(torch.full((channels, 1, 1), 0.2))
        nn.init.zeros_(self.style.weight)
        nn.init.zeros_(self.style.bias)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scale, shift = self.style(style)[:, :, None, None].chunk(2, 1)
        y = self.norm(x) * (1 + scale) + shift
        return x + self.gain * self.conv2(F.silu(self.conv1(F.silu(y))))


class Refiner(nn.Module):
    """draft (B,3,h,w) in [-1,1], ink (B,1,2h,2w), style vector (B,D), noise -> (B,3,2h,2w).

    Repeated, it takes 256 to 512 to 1024 to 2048, and at every step sees the ink at that step's size: no size is
    foreign to it, and it can be trained on sources no larger than one step. `noise` is normal, of shape
    (B, noise channels, ceil(2h/4), ceil(2w/4)), so that the caller's seed decides the picture.

    The network adds a residual to the bicubically enlarged draft. Two things are taken out of the residual, in training
    too (`only_detail`): what it holds at `area` pixels and beyond, so composition and colour stay the draft's by
    construction, and any weave of the latents' cells. The last layer starts at zero, where a step is plain
    enlargement. Any h and w: it pads inside itself.
    """

    def __init__(self, config: RefinerConfig) -> None:
        super().__init__()
        fine, coarse = config.widths
        self.area, self.noise_channels = config.area, config.noise
        inputs = 3 * (LATENT // 2) ** 2 + LATENT**2 + config.noise
        self.stem = nn.Conv2d(inputs, fine, 3, padding=1)
        self.before = nn.ModuleList(StyledBlock(fine, config.style_dim) for _ in range(config.depths[0]))
        self.down = nn.Conv2d(4 * fine, coarse, 1)
        self.context = nn.ModuleList(StyledBlock(coarse, config.style_dim) for _ in range(config.depths[1]))
        self.up = nn.Conv2d(coarse, 4 * fine, 1)
        self.after = nn.ModuleList(StyledBlock(fine, config.style_dim) for _ in range(config.depths[2]))
        self.widen = nn.Conv2d(fine, 4 * config.head, 3, padding=1)
        self.trace = nn.Conv2d(config.head + 7, 2 * config.head, 3, padding=1)
        self.out = nn.Conv2d(2 * config.head, 12, 3, padding=1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, draft: Tensor, ink: Tensor, style: Tensor, noise: Tensor, strength: float = 1.0) -> Tensor:
        """strength scales the residual: 0 is the enlarged draft."""
        height, width = ink.shape[-2:]
        enlarged = F.interpolate(draft, size=(height, width), mode="bicubic")
        residual = self.residual(*self._padded(draft, ink, noise), style)[..., :height, :width]
        return enlarged + strength * residual.to(enlarged.dtype)

    def residual(self, draft: Tensor, ink: Tensor, noise: Tensor, style: Tensor) -> Tensor:
        """(B,3,H,W) of detail whose mean over areas is zero; H and W multiples of `area` and of two latents' cells."""
        style = F.rms_norm(style, style.shape[1:])
        draft, ink, noise = (x.to(self.stem.weight.dtype) for x in (draft, ink, noise))
        seen = torch.cat([F.pixel_unshuffle(draft, LATENT // 2), F.pixel_unshuffle(ink, LATENT), noise], 1)
        x = self.stem(seen)
        for block in self.before:
            x = block(x, style)
        y = self.down(F.pixel_unshuffle(x, 2))
        for block in self.context:
            y = block(y, style)
        x = x + F.pixel_shuffle(self.up(y), 2)
        for block in self.after:
            x = block(x, style)
        x = torch.cat([F.pixel_shuffle(self.widen(F.silu(x)), 2), draft, F.pixel_unshuffle(ink, 2)], 1)
        x = F.pixel_shuffle(self.out(F.silu(self.trace(x))), 2)
        return only_detail(x, self.area)

    def _padded(self, draft: Tensor, ink: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """All three on a canvas of whole areas: the draft goes on as it was, the ink as blank paper."""
        height, width = ink.shape[-2:]
        down, right = -height % self.area, -width % self.area
        if down or right:
            draft = F.pad(draft, (0, right // 2, 0, down // 2), "replicate")
            ink = F.pad(ink, (0, right, 0, down))
            rows, columns = (height + down) // LATENT, (width + right) // LATENT
            noise = F.pad(noise, (0, columns - noise.shape[-1], 0, rows - noise.shape[-2]))
        return draft, ink, noise


def only_detail(residual: Tensor, area: int) -> Tensor:
    """(B,3,H,W) -> the same without its mean over areas, taken apart for each of the places in a latent's cell.

    The plain mean over `area` pixels goes with it. What is left of a pattern that repeats from cell to cell is nothing:
    a picture made of cells, by pixel shuffle, cannot show their grid. H and W are multiples of `area`.
    """
    places, cells = F.pixel_unshuffle(residual, LATENT), area // LATENT
    mean = F.interpolate(F.avg_pool2d(places, cells), scale_factor=cells, mode="bilinear")
    return F.pixel_shuffle(places - mean, LATENT)
