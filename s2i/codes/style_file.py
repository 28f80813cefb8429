"""A style's file: a small .safetensors with half floats where these say the same, and its format in the header.

It is read without torch, so that exported models take it as well."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import S2IError
from ..machine.atomic_file import atomic_file
from ..model_files.tensor_header import TensorFileError, check_tensors, read_tensor_header

if TYPE_CHECKING:
    from torch import Tensor

SUFFIX = ".safetensors"
NAMES = ("vectors", "tokens", "token_weights", "palette_mean", "palette_root")  # of the tensors, as `StyleCode`'s
SWATCH = "swatch"  # in the header: a small picture painted in the style, a JPEG as base64
_FORMAT, _VERSION = "s2i-style", "3"


def write_style(path: str | os.PathLike[str], tensors: Mapping[str, Tensor | None], facts: Mapping[str, str]) -> None:
    """Write the tensors that there are, whole or not at all; facts: more words for the header."""
    import torch
    from safetensors.torch import save

    kept = {name: t.detach().float().cpu().contiguous().clone() for name, t in tensors.items() if t is not None}
    if "tokens" in kept:  # most of the file, and half floats as they come from a reference
        short = kept["tokens"].half()
        if torch.equal(short.float(), kept["tokens"]):
            kept["tokens"] = short
    with atomic_file(path) as temporary:
        temporary.write_bytes(save(kept, metadata={"format": _FORMAT, "format_version": _VERSION, **facts}))


def read_style(path: str | os.PathLike[str]) -> dict[str, np.ndarray | None]:
    """-> float32 arrays by `NAMES`, None where the style has none.

    Raises `S2IError` for a file that is missing, damaged, not a style, of another version, or of more numbers than any
    style has; its header is read before anything is allocated.
    """
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise S2IError(f"style file {path} does not exist")
    try:
        header = read_tensor_header(path)
        check_tensors(header, path)
        facts = header.metadata
        if facts.get("format") != _FORMAT:
            raise S2IError(f"{path} is not a style file: save one with Save Style or StyleCode.save")
        if facts.get("format_version") != _VERSION:
            raise S2IError(
                f"style file {path} was saved by another version of s2i: encode its reference again and save it"
            )
        held = {name for name in NAMES if name in header.entries}
        sane = all(header.entries[name]["dtype"] in ("F32", "F16") for name in held)
        with safe_open(path, framework="np") as file:
            arrays = {n: file.get_tensor(n).astype(np.float32) if sane and n in held else None for n in NAMES}
    except TensorFileError as error:
        raise S2IError(f"style file {error}") from None
    except (SafetensorError, OSError) as error:
        raise S2IError(f"style file {path} cannot be read ({error}): it is damaged, save it again") from error
    if not _is_style(**arrays):
        raise S2IError(f"style file {path} holds numbers that are not a style: save it again")
    return arrays


def require_one(path: str | os.PathLike[str], count: int) -> None:
    """A node's Save Style may keep a batch of styles in one file; raise `S2IError` where a single one is wanted."""
    if count != 1:
        raise S2IError(f"{path} holds {count} styles, and a reference is one: mix them into one, or save each alone")


def is_style_file(path: str | os.PathLike[str]) -> bool:
    """Whether the file says that it is a saved style, of any version; models end in .safetensors, too."""
    try:
        return read_tensor_header(path).metadata.get("format") == _FORMAT
    except TensorFileError:
        return False


def read_swatch(path: str | os.PathLike[str]) -> bytes | None:
    """The JPEG in a style's file; None where there is none or the file is no style."""
    try:
        return base64.b64decode(read_tensor_header(path).metadata.get(SWATCH, ""), validate=True) or None
    except (TensorFileError, ValueError):
        return None


def _is_style(
    vectors: np.ndarray | None,
    tokens: np.ndarray | None,
    token_weights: np.ndarray | None,
    palette_mean: np.ndarray | None,
    palette_root: np.ndarray | None,
) -> bool:
    """Whether arrays read from a file have the shapes of a style's, and finite values."""
    given = [x for x in (vectors, tokens, token_weights, palette_mean, palette_root) if x is not None]
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
    return len({len(x) for x in given}) == 1 and all(np.isfinite(x).all() for x in given)
