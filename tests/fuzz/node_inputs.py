"""What other nodes may send into ours: tensors of any shape, number type and value, through the nodes' own doors."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from hypothesis import strategies as st

from . import desk
from .outcomes import Expect, Outcome
from .weighted import mostly

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class NodeCase:
    """Shapes as ComfyUI has them, (B,H,W,C) and masks (B,H,W); spoil: a value put somewhere, or None."""

    sketch: tuple[int, ...]
    reference: tuple[int, ...]
    mask: tuple[int, ...] | None
    sketch_mask: tuple[int, ...] | None
    blank: bool
    spoil: float | None
    dtype: torch.dtype
    polarity: str
    seed: int
    strength: float


@st.composite
def node_inputs(draw: st.DrawFn) -> NodeCase:
    side = mostly(st.integers(16, 80), st.integers(1, 300), 9)
    h, w = draw(side), draw(side)
    batch = st.sampled_from([1, 1, 1, 2, 2, 3])
    odd = st.lists(st.integers(0, 40), min_size=1, max_size=5).map(tuple)
    shape = mostly(st.tuples(batch, st.just(h), st.just(w), st.sampled_from([1, 3, 4])), odd, 19)
    fitting = st.sampled_from([None, (1, h, w), (1, 64, 64)])
    masks = mostly(fitting, odd, 14)
    sketch = draw(shape)
    reference = draw(mostly(st.tuples(st.sampled_from([1, *sketch[:1]]), side, side, st.just(3)), shape, 4))
    return NodeCase(
        sketch, reference, draw(mostly(st.none(), masks, 3)), draw(mostly(st.none(), masks, 3)),
        draw(mostly(st.just(False), st.just(True), 11)),
        draw(mostly(st.none(), st.sampled_from([float("nan"), float("inf"), -1.0, 7.0, 1e30]), 7)),
        draw(st.sampled_from([*[torch.float32] * 9, torch.float16, torch.float64, torch.uint8])),
        draw(st.sampled_from(["auto", "dark_lines", "light_lines"])),
        draw(st.integers(0, 2**64 - 1)),
        draw(mostly(st.sampled_from([0.0, 1.0, 2.0]), st.sampled_from([float("nan"), -1.0, 1e9]), 14)),
    )  # fmt: skip


@cache
def node_batches() -> ModuleType:
    """nodes/_shared/batches.py, which knows ComfyUI's layouts but not ComfyUI, as part of a pack under another name."""
    for name, folder in (("fuzzed_pack", _ROOT), ("fuzzed_pack.nodes", _ROOT / "nodes")):
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    return importlib.import_module("fuzzed_pack.nodes._shared.batches")


@cache
def _engine() -> Any:
    """The model of the pack's own copy of s2i, as ComfyUI has it."""
    node_batches()
    return importlib.import_module("fuzzed_pack.s2i.pipeline").SketchToImage.from_pretrained(desk.bundle())


def _tensor(shape: tuple[int, ...], case: NodeCase, drawn: bool) -> torch.Tensor:
    generator = torch.Generator().manual_seed(len(shape))
    values = torch.rand(shape, generator=generator)
    if drawn and len(shape) == 4 and min(shape) > 0:
        values = torch.ones(shape)
        if not case.blank:
            values[:, shape[1] // 2, :, : min(3, shape[3])] = 0
    if case.spoil is not None and values.numel():
        values.view(-1)[values.numel() // 3] = case.spoil
    return values.clamp(0, 255).to(case.dtype) if case.dtype is torch.uint8 else values.to(case.dtype)


def try_node_inputs(case: NodeCase) -> Outcome:
    doors, engine = node_batches(), _engine()
    refusal = importlib.import_module("fuzzed_pack.s2i.errors").S2IError
    sketch, reference = _tensor(case.sketch, case, drawn=True), _tensor(case.reference, case, drawn=False)
    mask, sketch_mask = (None if s is None else torch.zeros(s) + 0.2 for s in (case.mask, case.sketch_mask))
    try:
        image = _paint(doors, engine, case, (sketch, reference, mask, sketch_mask))
    except refusal as error:
        clear = "\n" not in str(error) and len(str(error)) < 600
        return (Outcome.WRONG if _is_good(case) else Outcome.REFUSED) if clear else Outcome.TRACEBACK
    batch = max(len(sketch), len(reference))
    right = tuple(image.shape) == (batch, *case.sketch[1:3], 3) and bool(torch.isfinite(image).all())
    right = right and float(image.min()) >= 0 and float(image.max()) <= 1
    expect = Expect.BAD if not _may_be_painted(case) else Expect.GOOD
    return Outcome.CORRECT if right and expect is Expect.GOOD else Outcome.WRONG


def _paint(doors: ModuleType, engine: Any, case: NodeCase, given: tuple[Any, ...]) -> torch.Tensor:
    """What Sketch to Image does, picture by picture."""
    sketch, reference, mask, sketch_mask = given
    layouts = importlib.import_module("fuzzed_pack.s2i.imaging.pixels.layouts")
    style_module = importlib.import_module("fuzzed_pack.s2i.codes.style")
    batch = doors.joint_batch(sketch=sketch, reference=reference)
    doors.check_picture(sketch, "sketch")
    doors.check_picture(reference, "reference")
    paper, chosen = doors.paper_mask(sketch_mask, sketch), doors.reference_mask(mask, reference)
    parts = [slice(i, i + 1) for i in range(len(reference))]
    styles = style_module.StyleCode.cat([
        engine.encode_style(doors.image_part(reference, p, "reference"),
                            None if chosen is None else doors.part_of(chosen, p)) for p in parts])  # fmt: skip
    painted = []
    for part in (slice(i, i + 1) for i in range(batch)):
        ink, style = doors.ink_part(sketch, part, case.polarity, paper), doors.part_of(styles, part)
        seed = case.seed + part.start
        draft = engine.decode(engine.encode_content(ink), style, seed=seed)
        painted.append(layouts.image_to_comfy(engine.refine(draft, ink, style, seed=seed, strength=case.strength)))
    return torch.cat(painted)


def _may_be_painted(case: NodeCase) -> bool:
    finite = case.spoil is None or (case.spoil == case.spoil and abs(case.spoil) != float("inf"))
    return (finite or case.dtype is torch.uint8) and not (case.strength != case.strength or case.strength < 0)


def _is_good(case: NodeCase) -> bool:
    """Inputs that nobody could object to: shapes that fit, plain numbers, a line on paper."""

    def sane(shape: tuple[int, ...]) -> bool:
        return len(shape) == 4 and min(shape[1:3]) >= 16 and shape[3] in (1, 3, 4) and shape[0] > 0

    masks = all(m is None or m == (1, *size[1:3]) for m, size in
                ((case.mask, case.reference), (case.sketch_mask, case.sketch)))  # fmt: skip
    fits = len({case.sketch[0], case.reference[0]} - {1}) <= 1
    plain = case.spoil is None and case.dtype is torch.float32 and case.strength in (0.0, 1.0, 2.0) and not case.blank
    return sane(case.sketch) and sane(case.reference) and masks and fits and plain
