"""The same figure over many pages."""

from __future__ import annotations

from typing import Any

import torch
from comfy_api.latest import io

from ..s2i.codes.character_style import character_style
from ..s2i.codes.style import StyleCode
from ..s2i.errors import S2IError
from ..s2i.imaging.hints.dab_regions import dab_regions, nearest_keys
from ..s2i.imaging.ink.line_art import parse_colour
from ._shared.batches import check_picture, ink_part, paper_mask
from ._shared.painting import part_hints
from ._shared.sockets import (
    ROOT,
    Hints,
    Style,
    polarity_input,
    search,
    sketch_input,
    sketch_mask_input,
    style_output,
)
from ._shared.style_values import plain_style

PARTS = 4
_KEYS = ("#d03030", "#3050d0", "#30a040", "#d0a020")


class CharacterStyle(io.ComfyNode):
    """Parts of a figure, each with a style and a key colour, found on a page by dabs of that colour."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        parts: list[Any] = []
        for i in range(1, PARTS + 1):
            extra = {"optional": True} if i > 1 else {}
            tip = f"Style of part {i}, such as hair or coat. A batch, from several references, is averaged."
            parts.append(Style.Input(f"part_{i}", tooltip=tip, **extra))
        for i in range(1, PARTS + 1):
            parts.append(io.String.Input(
                f"key_{i}", default=_KEYS[i - 1],
                tooltip=f"Colour of the dabs that say where part {i} is on a page. The nearest key counts.",
            ))  # fmt: skip
        return io.Schema(
            node_id="S2I_CharacterStyle",
            display_name="Character Style",
            category=f"{ROOT}/style",
            description="Keeps a figure's look over many pages: each part has a style of its own, from as many "
            "references as there are, and dabs in the part's key colour say where it is on the page.",
            inputs=[
                sketch_input("The page's drawing: its lines are where regions end."),
                Hints.Input("dabs", tooltip="From Sketch Pad or Colour Hints, in the parts' key colours."),
                Style.Input("background", tooltip="The style of everything that no dab is seen from."),
                *parts,
                polarity_input(),
                sketch_mask_input(),
            ],
            outputs=[style_output("To Decode and Refine, for this page.")],
            **search("character", "consistent", "manga", "comic", "reference", "region", "style transfer"),
        )

    @classmethod
    def execute(
        cls, sketch: torch.Tensor, dabs: torch.Tensor | None, background: StyleCode, part_1: StyleCode,
        key_1: str, key_2: str, key_3: str, key_4: str, polarity: str,
        part_2: StyleCode | None = None, part_3: StyleCode | None = None, part_4: StyleCode | None = None,
        sketch_mask: torch.Tensor | None = None,
    ) -> io.NodeOutput:  # fmt: skip
        if dabs is None:
            raise S2IError("there are no dabs: dab each part's key colour on the Sketch Pad, or load a layer of them")
        styles, keys = (part_1, part_2, part_3, part_4), (key_1, key_2, key_3, key_4)
        given = [i for i, style in enumerate(styles) if style is not None]
        paper = paper_mask(sketch_mask, check_picture(sketch, "sketch"))
        ink = ink_part(sketch, slice(0, len(sketch)), polarity, paper)
        colours = torch.cat([parse_colour(keys[i], ink).reshape(1, 3) * 2 - 1 for i in given])
        marks = part_hints(dabs, slice(0, len(sketch)), ink).expand(len(ink), -1, -1, -1)
        regions = dab_regions(ink, nearest_keys(marks, colours), [str(i + 1) for i in given])
        rest, *parts = (plain_style(style, "Character Style") for style in (background, *(styles[i] for i in given)))
        return io.NodeOutput(character_style(rest, parts, regions))
