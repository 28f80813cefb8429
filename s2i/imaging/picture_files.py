"""Picture files in and out: every kind of file, EXIF, 16 bits, transparency, and every kind of damage."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..atomic_file import atomic_file
from ..errors import S2IError
from .checks import MAX_SIDE, MIN_SIDE
from .ink import to_ink
from .layouts import image_to_uint8, over_white

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Picture

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


def _open(path: str | os.PathLike[str]) -> Picture:
    """The decoded picture, EXIF orientation applied."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    path = Path(path)
    if not path.is_file():
        raise S2IError(f"{path}: no such picture" if not path.exists() else f"{path} is not a file")
    if path.stat().st_size == 0:
        raise S2IError(f"{path} is empty (0 bytes): save or download it again")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                w, h = picture.size
                if max(w, h) > MAX_SIDE or min(w, h) < MIN_SIDE:
                    raise S2IError(f"{path} is {w}x{h} pixels; each side must be {MIN_SIDE} to {MAX_SIDE}: resize it")
                picture.load()
                return ImageOps.exif_transpose(picture)
    except UnidentifiedImageError:
        raise S2IError(f"{path} is not a picture that can be read: use PNG, JPEG, WebP, TIFF or BMP") from None
    except Image.DecompressionBombError:
        raise S2IError(f"{path} has more pixels than are decoded (about 178 million): resize it") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, S2IError):
            raise
        raise S2IError(f"{path} cannot be decoded ({error}): it is damaged or cut short") from None


def _read(path: str | os.PathLike[str]) -> tuple[np.ndarray, np.ndarray | None]:
    """-> colour (H,W,3) float32 in [0,1], alpha (H,W) float32 in [0,1] or None."""
    import numpy as np

    picture = _open(path)
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture).astype(np.float32)
        if not np.isfinite(values).all():
            raise S2IError(f"{path} contains NaN or infinite values: export it again")
        # 16-bit scans come as I;16 (however dark they are) or I; a float TIFF in [0,1] stays as it is.
        sixteen = picture.mode.startswith("I;16") or values.max(initial=0) > 255
        top = 65535 if sixteen else 255 if values.max(initial=0) > 1 else 1
        return np.repeat((values / top).clip(0, 1)[..., None], 3, 2), None
    has_alpha = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
    data = np.asarray(picture.convert("RGBA" if has_alpha else "RGB")).astype(np.float32) / 255
    return data[..., :3], data[..., 3] if has_alpha else None


def _load(path: str | os.PathLike[str]) -> tuple[Tensor, Tensor | None]:
    colour, alpha = _read(path)
    image = torch.from_numpy(colour).permute(2, 0, 1)[None]
    return image, None if alpha is None else torch.from_numpy(alpha.copy())[None, None]


def load_image(path: str | os.PathLike[str]) -> Tensor:
    """Any picture file -> (1,3,H,W) in [-1,1]; transparency shows white paper. Raises `S2IError` naming the file."""
    return over_white(*_load(path)).contiguous() * 2 - 1


def load_alpha(path: str | os.PathLike[str]) -> Tensor | None:
    """(1,1,H,W) in [0,1], 1 = opaque; None where the file has no transparency."""
    return _load(path)[1]


def load_ink(path: str | os.PathLike[str], polarity: str = "auto") -> Tensor:
    """A drawing or a scan of one -> ink (1,1,H,W); see `to_ink`. Transparency is paper."""
    return to_ink(load_image(path), polarity)


def save_image(image: Tensor, path: str | os.PathLike[str], alpha: Tensor | None = None) -> None:
    """Write (3,H,W) or (1,3,H,W) in [-1,1], whole or not at all; the suffix names the format."""
    from PIL import Image

    path = Path(path)
    data = image_to_uint8(image)
    if alpha is not None:
        import numpy as np

        data = np.concatenate([data, image_to_uint8(alpha.reshape(1, 1, *alpha.shape[-2:]) * 2 - 1)[..., :1]], -1)
    try:
        with atomic_file(path) as temporary:
            Image.fromarray(data).save(temporary, quality=95)
    except (OSError, ValueError, KeyError) as error:
        reason = "JPEG has no transparency" if alpha is not None and "RGBA" in str(error) else error
        raise S2IError(f"cannot write {path} ({reason}): use a folder that exists and a name ending in .png") from None
