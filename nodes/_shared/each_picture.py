"""A batch, a few pictures at a time: progress, interruption and memory are looked after in this one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import comfy.model_management
import comfy.utils
import torch

from ...s2i.errors import S2IError

if TYPE_CHECKING:
    from PIL.Image import Image

T = TypeVar("T")
_PIXELS_AT_ONCE = 4 << 20  # on an accelerator; the CPU gains nothing from more than one picture
PREVIEW_SIDE = 512


def each_picture(
    total: int,
    work: Callable[[slice], T],
    *,
    node_id: str | None,
    pixels: int,
    device: torch.device | str = "cpu",
    preview: Callable[[T], Image] | None = None,
) -> Iterator[tuple[slice, T]]:
    """Yield (which pictures, what `work` made of them) until all `total` are done.

    pixels: of one picture, which decides how many are taken at once. Out of memory halves that number. The run can be
    interrupted before each call of `work`; progress, and the preview where there are several pictures, go to the node.
    """
    bar = comfy.utils.ProgressBar(total, node_id=node_id)
    at_once = 1 if torch.device(device).type == "cpu" else max(1, min(16, _PIXELS_AT_ONCE // max(1, pixels)))
    start = 0
    while start < total:
        comfy.model_management.throw_exception_if_processing_interrupted()
        part = slice(start, min(start + at_once, total))
        try:
            result = work(part)
        except RuntimeError as error:
            if not _out_of_memory(error):
                raise
            at_once = _fewer(at_once, pixels)
            continue
        yield part, result
        start = part.stop
        shown = preview(result) if preview is not None and total > 1 else None
        bar.update_absolute(start, total, None if shown is None else ("JPEG", shown, PREVIEW_SIDE))


def show_progress(node_id: str, picture: Image) -> None:
    """A picture on the node while it works, before there is any progress to count."""
    comfy.utils.ProgressBar(1, node_id=node_id).update_absolute(0, 1, ("JPEG", picture, PREVIEW_SIDE))


def paint_each(total: int, work: Callable[[slice], torch.Tensor], **options: Any) -> torch.Tensor:
    """`each_picture` for tensors: one tensor of all results on ComfyUI's intermediate device, never held twice."""
    device = comfy.model_management.intermediate_device()
    canvas: torch.Tensor | None = None
    for part, result in each_picture(total, work, **options):
        if canvas is None:
            if part.stop - part.start == total:
                return result.to(device)
            canvas = torch.empty((total, *result.shape[1:]), dtype=result.dtype, device=device)
        canvas[part] = result.to(device)
    if canvas is None:
        raise S2IError("there are no pictures in this batch: connect an image")
    return canvas


def _out_of_memory(error: RuntimeError) -> bool:
    known = comfy.model_management.OOM_EXCEPTION
    # On builds without such an exception ComfyUI stands in `Exception` itself, which says nothing.
    return (known is not Exception and isinstance(error, known)) or "can't allocate memory" in str(error)


def _fewer(at_once: int, pixels: int) -> int:
    comfy.model_management.soft_empty_cache()
    if at_once == 1:
        raise S2IError(
            f"there is not enough memory for a picture of {pixels / 1e6:.1f} megapixels: make it smaller, or close "
            "other models"
        )
    return at_once // 2
