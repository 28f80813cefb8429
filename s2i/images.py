"""The only place that knows layouts, ranges, polarity, alpha and padding.

Inside s2i: `image` (B,3,H,W) float in [-1,1]; `ink` (B,1,H,W) float in [0,1], 1 = ink, 0 = paper, so that zero padding
is blank paper. ComfyUI: (B,H,W,C) in [0,1], black lines on white paper.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from .errors import S2IError

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Picture

MIN_SIDE, MAX_SIDE = 16, 16384
POLARITIES = ("auto", "dark_lines", "light_lines")
_LUMA = (0.299, 0.587, 0.114)


def check_image(x: Tensor, name: str, channels: int = 3) -> None:
    """Raise `S2IError` unless x is a finite float tensor (B,channels,H,W) with sides of 16..16384."""
    if not isinstance(x, Tensor):
        raise S2IError(f"{name} must be a tensor, found {type(x).__name__}")
    if x.ndim != 4 or x.shape[1] != channels or not len(x):
        raise S2IError(f"{name} must have the shape (batch, {channels}, height, width), found {tuple(x.shape)}")
    if not x.is_floating_point():
        raise S2IError(f"{name} must hold floating-point numbers, found {x.dtype}: convert it first")
    h, w = x.shape[-2:]
    if min(h, w) < MIN_SIDE or max(h, w) > MAX_SIDE:
        raise S2IError(f"{name} is {w}x{h} pixels; each side must be {MIN_SIDE} to {MAX_SIDE}: resize it first")
    # One pass over the data: a sum is finite unless something in it is not.
    if not torch.isfinite(x.sum(dtype=torch.float32)) and not torch.isfinite(x).all():
        raise S2IError(f"{name} contains NaN or infinite values: the step that made it went wrong")


# -- files -----------------------------------------------------------------------------------------------------------


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


def _over_white(colour: Tensor, alpha: Tensor | None) -> Tensor:
    return colour if alpha is None else colour * alpha + (1 - alpha)


def _load(path: str | os.PathLike[str]) -> tuple[Tensor, Tensor | None]:
    colour, alpha = _read(path)
    image = torch.from_numpy(colour).permute(2, 0, 1)[None]
    return image, None if alpha is None else torch.from_numpy(alpha.copy())[None, None]


def load_image(path: str | os.PathLike[str]) -> Tensor:
    """Any picture file -> (1,3,H,W) in [-1,1]; transparency shows white paper. Raises `S2IError` naming the file."""
    return _over_white(*_load(path)).contiguous() * 2 - 1


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
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")
    try:
        Image.fromarray(data).save(temporary, quality=95)
        os.replace(temporary, path)
    except (OSError, ValueError, KeyError) as error:
        reason = "JPEG has no transparency" if alpha is not None and "RGBA" in str(error) else error
        raise S2IError(f"cannot write {path} ({reason}): use a folder that exists and a name ending in .png") from None
    finally:
        temporary.unlink(missing_ok=True)


# -- ink -------------------------------------------------------------------------------------------------------------


def to_ink(image: Tensor, polarity: str = "auto") -> Tensor:
    """image (B,3,H,W) in [-1,1] -> ink (B,1,H,W): brightness, with the tone of the paper removed.

    polarity: "dark_lines" on light paper, "light_lines" on dark, or "auto": a mostly dark picture has light lines.
    The paper is the picture's most common brightness at its light end; whatever is within a twentieth of it is blank.
    """
    if polarity not in POLARITIES:
        raise S2IError(f"polarity must be one of {', '.join(POLARITIES)}; found {polarity!r}")
    luma = image.new_tensor(_LUMA)[None, :, None, None]
    grey = ((image * 0.5 + 0.5) * luma).sum(1, keepdim=True).clamp(0, 1)
    flat = _sample(grey)
    if polarity == "light_lines":
        grey, flat = 1 - grey, 1 - flat
    elif polarity == "auto":
        dark = (flat.median(1).values < 0.5)[:, None, None, None]
        grey = torch.where(dark, 1 - grey, grey)
        flat = torch.where(dark[:, 0, 0], 1 - flat, flat)
    paper = flat.quantile(0.8, dim=1)[:, None, None, None].clamp_min(0.25)
    darkest = flat.amin(1)[:, None, None, None]
    # A faint pencil drawing reaches full ink; a blank sheet is not stretched into one.
    reach = (paper - darkest).clamp_min(0.35)
    return ((paper - 0.05 * reach - grey) / (0.85 * reach)).clamp(0, 1)


def _sample(x: Tensor, most: int = 1 << 18) -> Tensor:
    """(B,1,H,W) -> (B,N), an even sample of at most `most` values, for order statistics."""
    flat = x.flatten(1).float()
    return flat[:, :: max(1, flat.shape[1] // most)]


def resize_ink(ink: Tensor, size: tuple[int, int]) -> Tensor:
    """Ink (B,1,H,W) at another size. Shrunk by area, never by nearest; each picture's thin lines, which fade as they
    shrink, are strengthened by one gain of 1 to 4, so that a typical stroke keeps seven tenths of full ink."""
    if tuple(ink.shape[-2:]) == tuple(size):
        return ink
    ink = resize_area(ink, size).clamp(0, 1)
    typical = ink.square().sum((1, 2, 3), keepdim=True) / ink.sum((1, 2, 3), keepdim=True).clamp_min(1e-6)
    gain = (0.7 / typical.clamp_min(1e-6)).clamp(1, 4)
    return (ink * gain).clamp(0, 1)


# -- sizes -----------------------------------------------------------------------------------------------------------


def working_shape(h: int, w: int, short_side: int) -> tuple[int, int]:
    """(h,w) scaled so that the short side is `short_side`; no side below 16.

    A ribbon's long side is enlarged to eight times `short_side` at most: 16 x 16384 pixels at a short side of 256 would
    be a draft of 67 million pixels.
    """
    scale = min(short_side / min(h, w), max(8 * short_side / max(h, w), 1.0))
    return max(MIN_SIDE, round(h * scale)), max(MIN_SIDE, round(w * scale))


def resize_area(x: Tensor, size: tuple[int, int]) -> Tensor:
    """(B,C,H,W) -> (B,C,*size): averages over areas when it shrinks, bilinear when it grows."""
    if tuple(x.shape[-2:]) == tuple(size):
        return x
    # The antialiased kernel has no half precision on the CPU, and where nothing shrinks it takes twice as long.
    shrinks = size[0] < x.shape[-2] or size[1] < x.shape[-1]
    return F.interpolate(x.float(), size, mode="bilinear", align_corners=False, antialias=shrinks).to(x.dtype)


def pad_to_multiple(x: Tensor, multiple: int, mode: str = "constant") -> tuple[Tensor, tuple[int, int]]:
    """Pad below and to the right until both sides are multiples -> (padded, the size before). mode: "constant" (zeros:
    blank paper) or "replicate"."""
    h, w = x.shape[-2:]
    below, right = -h % multiple, -w % multiple
    if not below and not right:
        return x, (h, w)
    return F.pad(x, (0, right, 0, below), mode), (h, w)


def crop_to(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Undo `pad_to_multiple`."""
    return x[..., : size[0], : size[1]]


# -- other people's layouts ------------------------------------------------------------------------------------------


def image_to_uint8(image: Tensor) -> np.ndarray:
    """(3,H,W) or (1,C,H,W) in [-1,1] -> (H,W,C) uint8."""
    image = image[0] if image.ndim == 4 else image
    return ((image.float() * 0.5 + 0.5).clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().cpu().numpy()


def uint8_to_image(array: np.ndarray) -> Tensor:
    """(H,W,3) uint8 -> (1,3,H,W) in [-1,1]."""
    return torch.from_numpy(array.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1


def comfy_to_image(x: Tensor, name: str = "image") -> tuple[Tensor, Tensor | None]:
    """ComfyUI (B,H,W,C) in [0,1] with 1, 3 or 4 channels -> image over white paper, alpha (B,1,H,W) or None."""
    if not isinstance(x, Tensor) or x.ndim != 4 or x.shape[-1] not in (1, 3, 4):
        found = tuple(x.shape) if isinstance(x, Tensor) else type(x).__name__
        raise S2IError(f"{name} must have the shape (batch, height, width, 1, 3 or 4), found {found}")
    x = x.float().permute(0, 3, 1, 2)
    alpha = x[:, 3:4].clamp(0, 1) if x.shape[1] == 4 else None
    colour = x.expand(-1, 3, -1, -1) if x.shape[1] == 1 else x[:, :3]
    image = _over_white(colour, alpha) * 2 - 1
    check_image(image, name)
    return image.clamp(-1, 1), alpha


def image_to_comfy(image: Tensor) -> Tensor:
    """image (B,3,H,W) in [-1,1] -> (B,H,W,3) in [0,1], float32."""
    return (image.float() * 0.5 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).contiguous()


def comfy_to_ink(x: Tensor, polarity: str = "auto", name: str = "sketch") -> Tensor:
    """ComfyUI image of a drawing -> ink; see `to_ink`."""
    return to_ink(comfy_to_image(x, name)[0], polarity)


def ink_to_comfy(ink: Tensor) -> Tensor:
    """ink (B,1,H,W) -> (B,H,W,3) in [0,1], black lines on white paper."""
    return (1 - ink.float()).clamp(0, 1).permute(0, 2, 3, 1).expand(-1, -1, -1, 3).contiguous()
