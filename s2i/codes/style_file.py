"""A style's file: a small .safetensors with half floats where these say the same, and its format in the header."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from ..errors import S2IError
from ..machine.atomic_file import atomic_file
from ..model_files.tensor_header import TensorFileError, check_tensors, read_tensor_header

NAMES = ("vectors", "tokens", "token_weights", "palette_mean", "palette_root")  # of the tensors, as `StyleCode`'s
_FORMAT, _VERSION = "s2i-style", "3"


def write_style(path: str | os.PathLike[str], tensors: Mapping[str, Tensor | None], facts: Mapping[str, str]) -> None:
    """Write the tensors that there are, whole or not at all; facts: more words for the header."""
    from safetensors.torch import save

    kept = {name: t.detach().float().cpu().contiguous().clone() for name, t in tensors.items() if t is not None}
    if "tokens" in kept:  # most of the file, and half floats as they come from a reference
        short = kept["tokens"].half()
        if torch.equal(short.float(), kept["tokens"]):
            kept["tokens"] = short
    with atomic_file(path) as temporary:
        temporary.write_bytes(save(kept, metadata={"format": _FORMAT, "format_version": _VERSION, **facts}))


def read_style(path: str | os.PathLike[str]) -> dict[str, Tensor | None]:
    """-> float32 tensors by `NAMES`, None where the style has none.

    Raises `S2IError` for a file that is missing, damaged, not a style, of another version, or of more numbers than any
    style has; its header is read before anything is allocated.
    """
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise S2IError(f"style file {path} does not exist")
    try:
        check_tensors(read_tensor_header(path), path)
        with safe_open(path, framework="pt") as file:
            facts = file.metadata() or {}
            if facts.get("format") != _FORMAT:
                raise S2IError(f"{path} is not a style file: save one with Save Style or StyleCode.save")
            if facts.get("format_version") != _VERSION:
                raise S2IError(
                    f"style file {path} was saved by another version of s2i: encode its reference again and save it"
                )
            held = set(file.keys())
            tensors = {name: file.get_tensor(name).float() if name in held else None for name in NAMES}
    except TensorFileError as error:
        raise S2IError(f"style file {error}") from None
    except (SafetensorError, OSError) as error:
        raise S2IError(f"style file {path} cannot be read ({error}): it is damaged, save it again") from error
    if not _is_style(**tensors):
        raise S2IError(f"style file {path} holds numbers that are not a style: save it again")
    return tensors


def _is_style(
    vectors: Tensor | None,
    tokens: Tensor | None,
    token_weights: Tensor | None,
    palette_mean: Tensor | None,
    palette_root: Tensor | None,
) -> bool:
    """Whether tensors read from a file have the shapes of a style's, and finite values."""
    given = [t for t in (vectors, tokens, token_weights, palette_mean, palette_root) if t is not None]
    if vectors is None or vectors.ndim != 3:
        return False
    if (tokens is None) != (token_weights is None) or (palette_mean is None) != (palette_root is None):
        return False
    if tokens is not None and (
        tokens.ndim != 3 or token_weights.shape != tokens.shape[:2] or not (token_weights >= 0).all()
    ):
        return False
    if palette_mean is not None and (palette_mean.shape[1:] != (3,) or palette_root.shape[1:] != (3, 3)):
        return False
    return len({len(t) for t in given}) == 1 and all(torch.isfinite(t).all() for t in given)
