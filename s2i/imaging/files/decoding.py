"""A picture file becomes numbers: only harmless formats, upright, in the size that is needed, in bounded memory."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import IO, TYPE_CHECKING

import torch
from torch import Tensor

from ...errors import S2IError
from ...machine.memory import require_memory
from ..pixels.side_limits import MAX_SIDE, MIN_SIDE
from .open_picture import open_picture
from .sample_depth import full_scale
from .strips import strips

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Picture

_EASY = 16 << 20  # pixels; smaller pictures are never shrunk while they are read
_ORIENTATION = 0x0112
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError, IndexError, AttributeError, OverflowError,
           ZeroDivisionError, MemoryError, NotImplementedError)  # fmt: skip


def decode(path: str | os.PathLike[str], at_least: int | None = None) -> tuple[Tensor, Tensor | None]:
    """A picture file; see `decode_stream`. Raises `S2IError` naming the file."""
    path = Path(path)
    _check_file(path)
    try:
        file = path.open("rb")
    except OSError as error:
        raise S2IError(f"{path} cannot be read ({error.strerror or error})") from None
    with file:
        return decode_stream(file, str(path), at_least)


def decode_stream(file: IO[bytes], path: str, at_least: int | None = None) -> tuple[Tensor, Tensor | None]:
    """The bytes of a picture, called `path` in errors -> colour (1,3,H,W) and alpha (1,1,H,W), float32 in [0,1]; alpha
    is None where all is opaque by its kind.

    at_least: a picture of more than 16 million pixels is shrunk while it is read, by a whole number and by area, to a
    short side no smaller than this. Raises `S2IError` naming the file.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with open_picture(file) as picture:
                return _decode(picture, path, at_least)
    except S2IError:
        raise
    except UnidentifiedImageError:
        raise S2IError(f"{path} is not a picture that can be read: use PNG, JPEG, WebP, TIFF, BMP or GIF") from None
    except Image.DecompressionBombError:
        raise S2IError(f"{path} has more pixels than are decoded (about 178 million): resize it") from None
    except MemoryError:
        raise S2IError(f"{path} needs more memory than there is: resize it") from None
    except Exception as error:
        # Decoders fail on damage with whatever their parsers raise; struct.error and zlib.error have no common base.
        if isinstance(error, _DAMAGE) or type(error).__module__ in ("struct", "zlib"):
            reason = str(error).split("\n")[0] or type(error).__name__
            raise S2IError(f"{path} cannot be decoded ({reason}): it is damaged or cut short") from None
        raise


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise S2IError(f"{path}: no such picture" if not path.exists() else f"{path} is not a file")
    if path.stat().st_size == 0:
        raise S2IError(f"{path} is empty (0 bytes): save or download it again")


def _decode(picture: Picture, path: str, at_least: int | None) -> tuple[Tensor, Tensor | None]:
    w, h = picture.size
    if max(w, h) > MAX_SIDE or min(w, h) < MIN_SIDE:
        raise S2IError(f"{path} is {w}x{h} pixels; each side must be {MIN_SIDE} to {MAX_SIDE}: resize it")
    shrinks = at_least is not None and w * h > _EASY
    if shrinks:
        picture.draft(None, (max(at_least, w // (min(w, h) // at_least or 1)),) * 2)  # a JPEG can be decoded smaller
        w, h = picture.size
    factor = max(1, min(w, h) // at_least) if shrinks else 1
    # Bytes a pixel as Pillow holds them, twice where it may turn them itself, and the four floats of the result.
    held = {"1": 1, "L": 1, "P": 1}.get(picture.mode, 2 if picture.mode.startswith("I;16") else 4)
    needed = w * h * (held * (2 if picture.format == "TIFF" else 1) + 16 / factor**2)
    require_memory(needed, f"{path} has {w}x{h} pixels; reading it", "resize it, or ask for a smaller --size")
    picture.load()
    return _upright(*_assemble(picture, path, factor), picture)


def _assemble(picture: Picture, path: str, factor: int) -> tuple[Tensor, Tensor | None]:
    """Strip by strip: a picture's floats are four times its bytes, and are never all there before they are shrunk."""
    w, h = picture.size
    top = full_scale(picture, path)
    has_alpha = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
    colour = torch.empty(1, 3, -(-h // factor), -(-w // factor))
    alpha = torch.empty(1, 1, *colour.shape[-2:]) if has_alpha else None
    row = 0
    for strip in strips(picture, factor):
        values, cover = _floats(strip, top, has_alpha)
        values, cover = _shrunk(values, cover, factor)
        rows = slice(row, row + len(values))
        colour[0, :, rows] = torch.from_numpy(values).permute(2, 0, 1)
        if alpha is not None:
            alpha[0, 0, rows] = torch.from_numpy(cover)
        row = rows.stop
    return colour, alpha


def _floats(strip: Picture, top: float, has_alpha: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """-> colour (h,w,3), alpha (h,w) or None, float32 in [0,1]. top: what stands for white, in the file's numbers."""
    import numpy as np

    if strip.mode.startswith(("I", "F")):
        values = np.asarray(strip).astype(np.float32)
        hidden = strip.info.get("transparency") if has_alpha else None
        cover = None if not has_alpha else np.ones_like(values) if hidden is None else (values != hidden).astype("f4")
        return np.repeat((values / top).clip(0, 1)[..., None], 3, 2), cover
    data = np.asarray(strip.convert("RGBA" if has_alpha else "RGB")).astype(np.float32) / 255
    return data[..., :3], data[..., 3] if has_alpha else None


def _shrunk(colour: np.ndarray, alpha: np.ndarray | None, factor: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Averages over squares of `factor` pixels; what is transparent has no say in the colour."""
    if factor == 1:
        return colour, alpha
    if alpha is None:
        return _averaged(colour, factor), None
    cover = _averaged(alpha[..., None], factor)
    return _averaged(colour * alpha[..., None], factor) / cover.clip(1e-6), cover[..., 0]


def _averaged(values: np.ndarray, factor: int) -> np.ndarray:
    import numpy as np

    h, w = values.shape[:2]
    whole = np.pad(values, ((0, -h % factor), (0, -w % factor), (0, 0)), mode="edge")
    return whole.reshape(whole.shape[0] // factor, factor, whole.shape[1] // factor, factor, -1).mean((1, 3))


# Turns as (flip of the rows, flip of the columns, swap of the axes afterwards), by EXIF's number.
_TURNS = {2: (0, 1, 0), 3: (1, 1, 0), 4: (1, 0, 0), 5: (0, 0, 1), 6: (1, 0, 1), 7: (1, 1, 1), 8: (0, 1, 1)}


def _upright(colour: Tensor, alpha: Tensor | None, picture: Picture) -> tuple[Tensor, Tensor | None]:
    """EXIF orientation applied; what it says is read late, because Pillow turns TIFFs itself as it loads them."""
    rows, columns, swapped = _TURNS.get(_orientation(picture), (0, 0, 0))
    dims = [dim for dim, flips in ((-2, rows), (-1, columns)) if flips]

    def turned(x: Tensor) -> Tensor:
        x = x.flip(dims) if dims else x
        return x.transpose(-2, -1).contiguous() if swapped else x

    return turned(colour), None if alpha is None else turned(alpha)


def _orientation(picture: Picture) -> int:
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # a note about the picture that cannot be read does not make the picture unreadable
        return 1
