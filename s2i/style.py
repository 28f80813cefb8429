"""What a reference looks like, as a value: interpolate it, mix it, average it, save it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from .errors import S2IError
from .imaging.sizes import resize_area

SCALES = ("coarse", "mid", "fine")
_FORMAT, _VERSION = "s2i-style", "2"  # 1 had no brushwork
_NAMES = (*SCALES, "tokens", "palette", "brushwork")


@dataclass(frozen=True, eq=False)
class StyleCode:
    """The style of a batch of B references.

    vectors: three tensors (B,D_i), coarse, mid, fine: composition of tones, then materials, then brushwork.
    tokens: (B,T,C) position-free appearances found in the reference; T is 0 where a model has none.
    palette: (B,30) the colours as `layers.palette` measures them, or (B,0).
    brushwork: (B,N,3,S,S) patches of paint as `layers.brushwork` measures them, from dark to light, or (B,0).
    """

    vectors: tuple[Tensor, Tensor, Tensor]
    tokens: Tensor
    palette: Tensor
    brushwork: Tensor

    SCALES = SCALES

    def __post_init__(self) -> None:
        sizes = {len(t) for t in self._tensors()}
        if len(self.vectors) != 3 or len(sizes) != 1:
            raise S2IError("a style code needs three vectors, tokens, a palette and brushwork, all of one batch size")

    def _tensors(self) -> tuple[Tensor, ...]:
        return (*self.vectors, self.tokens, self.palette, self.brushwork)

    @staticmethod
    def _from(tensors: Iterable[Tensor]) -> StyleCode:
        coarse, mid, fine, *rest = tensors
        return StyleCode((coarse, mid, fine), *rest)

    @property
    def batch(self) -> int:
        return len(self.tokens)

    def __len__(self) -> int:
        return self.batch

    def __getitem__(self, key: int | slice) -> StyleCode:
        """One code, or a run of them, still with a batch dimension."""
        if isinstance(key, int):
            if not -self.batch <= key < self.batch:
                raise IndexError(f"style {key} of {self.batch}")
            key = slice(key % self.batch, key % self.batch + 1)
        return self._from(t[key] for t in self._tensors())

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> StyleCode:
        return self._from(t.to(device=device, dtype=dtype) for t in self._tensors())

    def expand(self, batch: int) -> StyleCode:
        """Repeat a single code; a batch of the right size stays as it is."""
        if self.batch == batch:
            return self
        if self.batch != 1:
            raise S2IError(f"{self.batch} styles cannot serve {batch} sketches: give one style, or {batch}")
        return self._from(t.expand(batch, *t.shape[1:]) for t in self._tensors())

    @staticmethod
    def cat(codes: Sequence[StyleCode]) -> StyleCode:
        _same_model(codes)
        return StyleCode._from(torch.cat(parts) for parts in zip(*(c._tensors() for c in codes), strict=True))

    def lerp(self, other: StyleCode, t: float | Tensor) -> StyleCode:
        """Straight line from this code (t = 0, exactly) to the other (t = 1, exactly). t: a number or (B,)."""
        a, b = _broadcast(self, other)
        weights = torch.as_tensor(t, dtype=torch.float32, device=a.tokens.device)
        if weights.ndim > 1 or not torch.isfinite(weights).all():
            raise S2IError("the interpolation position t must be a finite number or one number per style")
        frames = max(a.batch, weights.numel())
        a, b = a.expand(frames), b.expand(frames)
        return self._from(_lerp(x, y, weights) for x, y in zip(a._tensors(), b._tensors(), strict=True))

    def mix(self, other: StyleCode, scales: Sequence[str] = ("fine",)) -> StyleCode:
        """This code with some scales taken from another. Tokens and palette belong to the coarse scale,
        brushwork to the fine one."""
        unknown = sorted(set(scales) - set(SCALES))
        if unknown:
            raise S2IError(f"unknown style scale {', '.join(unknown)}: the scales are {', '.join(SCALES)}")
        a, b = _broadcast(self, other)
        vectors = tuple(
            y if s in scales else x for s, x, y in zip(SCALES, a.vectors, b.vectors, strict=True)
        )
        whole = b if "coarse" in scales else a
        return StyleCode(vectors, whole.tokens, whole.palette, (b if "fine" in scales else a).brushwork)

    @staticmethod
    def mean(codes: Sequence[StyleCode], weights: Sequence[float] | None = None) -> StyleCode:
        """Weighted average; weights are made to sum to one. A single non-zero weight gives that code exactly."""
        _same_model(codes)
        weights = [1.0] * len(codes) if weights is None else [float(w) for w in weights]
        if len(weights) != len(codes):
            raise S2IError(f"{len(weights)} weights for {len(codes)} styles: give one weight per style")
        total = sum(weights)
        if not total > 0 or any(not w >= 0 for w in weights) or total == float("inf"):
            raise S2IError(f"style weights must be finite, not negative, and not all zero; found {weights}")
        chosen = [(c, w / total) for c, w in zip(codes, weights, strict=True) if w > 0]
        if len(chosen) == 1:
            return chosen[0][0]
        batch = max(c.batch for c, _ in chosen)
        chosen = [(c.expand(batch), w) for c, w in chosen]
        return StyleCode._from(
            sum(w * t for t, w in zip(parts, (w for _, w in chosen), strict=True))
            for parts in zip(*(c._tensors() for c, _ in chosen), strict=True)
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a small .safetensors file, whole or not at all."""
        from safetensors.torch import save

        whole = (t.detach().float().cpu().contiguous().clone() for t in self._tensors())
        tensors = dict(zip(_NAMES, whole, strict=True))
        short = tensors["brushwork"].half()  # most of the file, and half floats as it comes from a reference
        if torch.equal(short.float(), tensors["brushwork"]):
            tensors["brushwork"] = short
        facts = {"format": _FORMAT, "format_version": _VERSION, "scales": json.dumps(SCALES)}
        data = save(tensors, metadata=facts)
        path = Path(path)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            temporary.write_bytes(data)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> StyleCode:
        from safetensors import SafetensorError, safe_open

        if not Path(path).is_file():
            raise S2IError(f"style file {path} does not exist")
        try:
            with safe_open(path, framework="pt") as file:
                facts = file.metadata() or {}
                if facts.get("format") != _FORMAT:
                    raise S2IError(f"{path} is not a style file: save one with Save Style or StyleCode.save")
                if facts.get("format_version") != _VERSION:
                    raise S2IError(
                        f"style file {path} was saved by another version of s2i: encode its reference again and save it"
                    )
                tensors = [file.get_tensor(n).float() for n in _NAMES]
        except (SafetensorError, OSError) as error:
            raise S2IError(f"style file {path} cannot be read ({error}): it is damaged, save it again") from error
        if any(t.ndim < 2 or not torch.isfinite(t).all() for t in tensors):
            raise S2IError(f"style file {path} holds numbers that are not a style: save it again")
        return StyleCode._from(tensors)


@dataclass(frozen=True, eq=False)
class RegionalStyle:
    """Several styles, each with the part of the picture it paints.

    codes: one `StyleCode` per region, each of batch 1 or B. masks: (1 or B,1,H,W) in [0,1], any size; they are
    normalised to sum to one, and where none reaches, the first style paints.
    """

    codes: tuple[StyleCode, ...]
    masks: tuple[Tensor, ...]

    def __post_init__(self) -> None:
        if not self.codes or len(self.codes) != len(self.masks):
            raise S2IError(f"{len(self.codes)} styles and {len(self.masks)} masks: give one mask per style")
        _same_model(self.codes)
        for mask in self.masks:
            if mask.ndim != 4 or mask.shape[1] != 1:
                shape = tuple(mask.shape)
                raise S2IError(f"a region's mask must have the shape (batch, 1, height, width), found {shape}")

    @property
    def batch(self) -> int:
        return max(*(c.batch for c in self.codes), *(len(m) for m in self.masks))

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> RegionalStyle:
        codes = tuple(c.to(device, dtype) for c in self.codes)
        return RegionalStyle(codes, tuple(m.to(device=device, dtype=dtype) for m in self.masks))

    def weights(self, size: tuple[int, int]) -> list[Tensor]:
        """Each region's share of each pixel at this size: (1 or B,1,h,w), summing to one."""
        masks = [resize_area(m.clamp(0, 1), size) for m in self.masks]
        masks[0] = masks[0] + (1 - sum(masks)).clamp_min(0)
        total = sum(masks)
        return [m / total for m in masks]


Style = StyleCode | RegionalStyle


def _lerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    t = t.to(a.dtype).reshape(-1, *[1] * (a.ndim - 1))
    # Not a + t (b - a): that misses b by a rounding error at t = 1.
    return a * (1 - t) + b * t


def _same_model(codes: Sequence[StyleCode]) -> None:
    if not codes:
        raise S2IError("no style was given")
    shapes = [tuple(t.shape[1:] for t in c._tensors()) for c in codes]
    if any(s != shapes[0] for s in shapes):
        raise S2IError("these styles come from different models: encode the references again with one model")


def _broadcast(a: StyleCode, b: StyleCode) -> tuple[StyleCode, StyleCode]:
    _same_model([a, b])
    batch = max(a.batch, b.batch)
    return a.expand(batch), b.expand(batch)
