"""Whether contents and styles fit a model and one another, said before a network says it in its own way."""

from __future__ import annotations

from torch import Tensor

from ..config import ModelConfig
from ..errors import S2IError
from .batched import Batched
from .content import ContentCode
from .regional_style import RegionalStyle
from .style import StyleCode


def check_content(content: ContentCode, config: ModelConfig) -> None:
    """Raise `S2IError` if a content's maps are not those of a model of this config."""
    if [level.shape[1] for level in content.levels] != list(config.widths):
        raise S2IError("this content was encoded by another model: encode the sketch with this one")


def check_style(style: StyleCode, config: ModelConfig) -> None:
    """Raise `S2IError` if a style's parts are not those of a model of this config."""
    tokens = None if style.tokens is None else style.tokens.shape[2]
    expected = config.token_dim if config.attention_levels else None
    fits = tuple(style.vectors.shape[1:]) == (config.decoder_levels, config.style_dim) and tokens == expected
    if not fits or (style.palette_mean is None) == config.palette:
        raise S2IError("this style was encoded by another model: encode its reference with this one")


def joint_batch(**parts: Tensor | Batched | RegionalStyle) -> int:
    """The batch that tensors, contents and styles make together: each has that many, or one. Raises `S2IError` with
    every size where they do not fit."""
    sizes = {name: len(part) if isinstance(part, Tensor) else part.batch for name, part in parts.items()}
    batch = max(sizes.values())
    if any(n not in (1, batch) for n in sizes.values()):
        said = {name: f"shape {tuple(x.shape)}" if isinstance(x, Tensor) else sizes[name] for name, x in parts.items()}
        found = " and ".join(f"{name} of {size}" for name, size in said.items())
        raise S2IError(f"the batches do not fit together: {found}. Each must hold 1 or {batch}")
    return batch
