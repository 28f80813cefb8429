"""From styles and sketches to pictures, a picture at a time: what the decode, refine and one-node versions share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import comfy.model_management
from torch import Tensor

from ...s2i.codes.regional_style import Style
from ...s2i.codes.style import StyleCode
from ...s2i.errors import S2IError
from ...s2i.imaging.hints.hints import resize_hints
from ...s2i.imaging.pixels.layouts import image_to_comfy
from ...s2i.imaging.pixels.side_limits import MAX_SIDE, MIN_SIDE
from .batches import check_regions, check_shape, image_part, part_of, reference_mask
from .each_picture import each_picture, paint_each, show_progress
from .sketch_outputs import preview_picture

if TYPE_CHECKING:
    from .managed_model import ManagedModel


def encode_styles(model: ManagedModel, reference: Tensor, mask: Tensor | None, node_id: str | None) -> StyleCode:
    """reference (B,H,W,C) and mask as ComfyUI has them -> a style for each picture; the last ones are remembered."""
    style = model.styles.recall(reference, mask)
    if style is None:
        style = model.styles.keep(reference, mask, _encoded(model, reference, mask, node_id))
    return style


def _encoded(model: ManagedModel, reference: Tensor, mask: Tensor | None, node_id: str | None) -> StyleCode:
    pixels = reference.shape[1] * reference.shape[2]
    mask = reference_mask(mask, reference)
    engine, home = model.load(pixels), comfy.model_management.intermediate_device()

    def encode(part: slice) -> StyleCode:
        chosen = None if mask is None else part_of(mask, part)
        return engine.encode_style(image_part(reference, part, "reference"), chosen).to(home)

    codes = each_picture(len(reference), encode, node_id=node_id, pixels=pixels, device=model.device)
    return StyleCode.cat([code for _, code in codes])


def part_seed(seed: int, part: slice, same_seed: bool) -> int:
    """The seed of the first picture of a part: a batch gives the same pictures however it is cut."""
    return seed if same_seed else seed + part.start


def part_hints(hints: Tensor | None, part: slice, ink: Tensor) -> Tensor | None:
    """Hints for these sketches, at their size. Raises `S2IError` where they belong to another sheet."""
    if hints is None:
        return None
    size = tuple(ink.shape[-2:])
    check_shape(hints, size, "hints' picture", "sketch")
    return resize_hints(part_of(hints, part).to(ink.device), size)


def scaled_size(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """A sketch's (height, width) -> the result's. Raises `S2IError` where it could not be painted."""
    if not 0 < scale <= 64:
        raise S2IError(f"scale must be above 0 and at most 64, found {scale}")
    size = (round(size[0] * scale), round(size[1] * scale))
    if max(size) > MAX_SIDE or min(size) < MIN_SIDE:
        raise S2IError(
            f"the picture would be {size[1]}x{size[0]} pixels; each side must be {MIN_SIDE} to {MAX_SIDE}: "
            "change the scale"
        )
    return size


def paint(
    model: ManagedModel,
    inks: Callable[[slice], Tensor],
    sketch_size: tuple[int, int],
    style: Style,
    *,
    batch: int,
    seed: int,
    same_seed: bool,
    strength: float,
    scale: float,
    line_opacity: float,
    working_size: int,
    node_id: str | None,
    hints: Tensor | None = None,
) -> Tensor:
    """The whole chain for every sketch in its style -> ComfyUI's image (batch,H',W',3).

    inks: gives the ink (b,1,H,W) of these sketches, all of `sketch_size`. hints: (1 or B,4,h,w) of any size. The draft
    of a single picture is shown on the node while it is refined.
    """
    size = scaled_size(sketch_size, scale)
    check_regions(style, sketch_size)
    pixels = size[0] * size[1]
    engine = model.load(pixels)

    def work(part: slice) -> Tensor:
        ink, codes = inks(part), part_of(style, part)
        seeds = {"seed": part_seed(seed, part, same_seed), "same_seed": same_seed}
        content = engine.encode_content(ink, working_size or None, part_hints(hints, part, ink))
        draft = engine.decode(content, codes, **seeds)
        if batch == 1 and node_id is not None:
            show_progress(node_id, preview_picture(draft))
        # Between the two long steps as well: on a slow machine one picture may take seconds.
        comfy.model_management.throw_exception_if_processing_interrupted()
        image = engine.refine(draft, ink, codes, size=size, strength=strength, **seeds)
        return image_to_comfy(engine.draw_lines(image, ink, line_opacity))

    return paint_each(batch, work, node_id=node_id, pixels=pixels, device=model.device)
