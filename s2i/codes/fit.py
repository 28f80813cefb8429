"""Whether contents and styles fit a model and one another, said before a network says it in its own way."""

from __future__ import annotations

from torch import Tensor

from ..config import ModelConfig
from ..errors import S2IError
from .content import ContentCode
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


def joint_batch(**parts: Tensor | StyleCode) -> int:
    """The batch that several parts make together: each has that many, or one. Raises `S2IError` naming them."""
    sizes = {name: len(part) for name, part in parts.items()}
    batch = max(sizes.values())
    if any(n not in (1, batch) for n in sizes.values()):
        found = ", ".join(f"{n} in {name}" for name, n in sizes.items())
        raise S2IError(f"batch sizes do not fit together: {found}. Each must be 1 or {batch}")
    return batch
