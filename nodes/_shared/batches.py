"""How batches meet: one picture serves any number, anything else must agree; ComfyUI's masks as tensors."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ...s2i.codes import fit
from ...s2i.codes.regional_style import RegionalStyle, Style
from ...s2i.errors import S2IError
from ...s2i.imaging.ink.drawing_ink import check_lines, comfy_to_ink
from ...s2i.imaging.pixels.checks import check_image
from ...s2i.imaging.pixels.layouts import comfy_to_image
from ...s2i.imaging.pixels.sizes import resize_area


def joint_batch(**parts: Any) -> int:
    """The common batch of pictures, contents and styles. Raises `S2IError` with every shape if they do not fit."""
    for part in parts.values():
        if isinstance(part, Tensor):
            _check_layout(part)
    return fit.joint_batch(**parts)


def _check_layout(x: Tensor) -> None:
    if x.ndim != 4 or not len(x) or x.shape[-1] not in (1, 3, 4):
        raise S2IError(f"an image must have the shape (batch, height, width, 1, 3 or 4), found {tuple(x.shape)}")


def part_of(x: Any, part: slice) -> Any:
    """These pictures of a tensor, content or style; a single one serves all."""
    if isinstance(x, RegionalStyle):
        return RegionalStyle(tuple(part_of(c, part) for c in x.codes), tuple(part_of(m, part) for m in x.masks))
    return x if len(x) == 1 else x[part]


def image_part(x: Tensor, part: slice, name: str) -> Tensor:
    return comfy_to_image(part_of(x, part), name)[0]


def ink_part(x: Tensor, part: slice, polarity: str, mask: Tensor | None = None, name: str = "sketch") -> Tensor:
    """mask: from `paper_mask`."""
    return comfy_to_ink(part_of(x, part), polarity, name, None if mask is None else part_of(mask, part))


def paper_mask(mask: Tensor | None, sketch: Tensor, name: str = "sketch") -> Tensor | None:
    """Load Image's mask for a drawing (B,H,W,C) -> (1 or B,1,H,W) of the drawing's size, 1 = transparent; None where
    nothing is. Raises `NoInkError` where the whole batch holds no line."""
    if mask is not None:
        mask = mask_tensor(mask, "sketch_mask")
        if len(mask) not in (1, len(sketch)):
            shapes = f"sketch_mask of shape {tuple(mask.shape)} and {name} of shape {tuple(sketch.shape)}"
            raise S2IError(f"the batches do not fit together: {shapes}. The mask must hold 1 or {len(sketch)}")
        if mask.amax() <= 0:  # Load Image gives an empty one of 64x64 for any picture without transparency
            mask = None
        else:
            check_shape(mask, tuple(sketch.shape[1:3]), "sketch_mask", name)
            mask = resize_area(mask, tuple(sketch.shape[1:3]))
    check_lines(sketch, name, mask)
    return mask


def reference_mask(mask: Tensor | None, reference: Tensor) -> Tensor | None:
    """A ComfyUI mask for a reference (B,H,W,C) -> (1 or B,1,H,W), 1 = use; None where all of it is.

    An empty mask means the whole picture: Load Image gives one of 64x64 for any picture without transparency. Of a
    picture with four channels only what is opaque is used. Raises `S2IError` where nothing is.
    """
    chosen, opaque = None if mask is None else _chosen(mask, reference), _opaque(reference)
    if chosen is None or opaque is None:
        return opaque if chosen is None else chosen
    return resize_area(chosen, tuple(opaque.shape[-2:])) * opaque


def _opaque(reference: Tensor) -> Tensor | None:
    if reference.shape[-1] != 4 or bool((reference[..., 3] >= 1).all()):
        return None
    alpha = mask_tensor(reference[..., 3], "the reference's transparency")
    if bool((alpha.flatten(1).amax(1) <= 0).any()):
        raise S2IError("the reference is all transparent: there is no style to be seen in it")
    return alpha


def _chosen(mask: Tensor, reference: Tensor) -> Tensor | None:
    mask = mask_tensor(mask, "mask")
    if len(mask) not in (1, len(reference)):
        shapes = f"mask of shape {tuple(mask.shape)} and reference of shape {tuple(reference.shape)}"
        raise S2IError(f"the batches do not fit together: {shapes}. The mask must hold 1 or {len(reference)}")
    empty = mask.flatten(1).amax(1) <= 0
    if empty.all():
        return None
    check_shape(mask, tuple(reference.shape[1:3]), "mask", "reference")
    mask = mask.clone()
    mask[empty] = 1
    return mask


def mask_tensor(mask: Tensor, name: str) -> Tensor:
    """(H,W), (B,H,W) or (B,1,H,W) -> (B,1,H,W) float in [0,1]."""
    if mask.ndim == 4 and 1 in (mask.shape[1], mask.shape[-1]):
        mask = mask[:, 0] if mask.shape[1] == 1 else mask[..., 0]
    if mask.ndim == 2:
        mask = mask[None]
    if mask.ndim != 3:
        raise S2IError(f"{name} must have the shape (batch, height, width), found {tuple(mask.shape)}")
    if not torch.isfinite(mask).all():
        raise S2IError(f"{name} contains NaN or infinite values: the step that made it went wrong")
    return mask[:, None].float().clamp(0, 1)


def check_shape(mask: Tensor, size: tuple[int, int], name: str, picture: str) -> None:
    """Another resolution is fine, other proportions are a mask of another picture."""
    (h, w), (height, width) = mask.shape[-2:], size
    if abs(w / h - width / height) > 0.02 * width / height + 1 / min(h, height):
        raise S2IError(
            f"the {name} is {w}x{h} pixels and the {picture} {width}x{height}: they differ in proportions, so the "
            f"{name} belongs to another picture. Make one from this {picture}"
        )


def check_regions(style: Style, size: tuple[int, int]) -> Style:
    """Regions must have been drawn on a sheet of the sketch's proportions."""
    if isinstance(style, RegionalStyle):
        for i, mask in enumerate(style.masks[1:], 1):
            check_shape(mask, size, f"mask of region {i}", "sketch")
    return style


def check_picture(x: Tensor, name: str) -> Tensor:
    """Refuse what cannot be painted before any work is done; NaNs are found picture by picture."""
    _check_layout(x)
    check_image(x[:1].permute(0, 3, 1, 2).float(), name, x.shape[-1])
    return x
