"""Style Grid: every sketch in every style, on one sheet."""

from __future__ import annotations

import torch
from comfy_api.latest import io

from ..s2i.imaging.pixels.contact_sheet import contact_sheet, fit_tile
from ..s2i.imaging.pixels.layouts import comfy_to_image, image_to_comfy, ink_to_comfy
from ._shared.batches import check_picture, image_part, ink_part, paper_mask
from ._shared.each_picture import paint_each
from ._shared.managed_model import ManagedModel
from ._shared.painting import encode_styles
from ._shared.sketch_outputs import preview_picture
from ._shared.sockets import (
    ROOT,
    image_output,
    model_input,
    polarity_input,
    reference_input,
    search,
    seed_input,
    sketch_input,
    sketch_mask_input,
    strength_input,
)


class StyleGrid(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_StyleGrid",
            display_name="Style Grid",
            category=ROOT,
            description="Paints every sketch of a batch in the style of every reference of a batch and lays the "
            "results out on one sheet: sketches down, references across.",
            inputs=[
                model_input(),
                sketch_input("A batch of drawings, one row each."),
                reference_input(),
                seed_input(),
                strength_input(),
                io.Int.Input("tile", default=256, min=64, max=1024, step=32, tooltip="Side of each tile, in pixels."),
                polarity_input(),
                sketch_mask_input(),
            ],
            outputs=[
                image_output("The sheet.", "sheet"),
                io.Image.Output("images", display_name="images", tooltip="The pictures alone, row by row, as a batch "
                                                                         "at the sketch's size."),
            ],
            hidden=[io.Hidden.unique_id],
            **search("contact sheet", "comparison", "xy plot"),
        )  # fmt: skip

    @classmethod
    def execute(
        cls, model: ManagedModel, sketch: torch.Tensor, reference: torch.Tensor, seed: int, strength: float,
        tile: int, polarity: str, sketch_mask: torch.Tensor | None = None,
    ) -> io.NodeOutput:  # fmt: skip
        check_picture(sketch, "sketch")
        check_picture(reference, "reference")
        paper = paper_mask(sketch_mask, sketch)
        styles = encode_styles(model, reference, None, None)
        columns, pixels = len(reference), sketch.shape[1] * sketch.shape[2]
        engine = model.load(pixels)

        def work(part: slice) -> torch.Tensor:
            cells = [divmod(i, columns) for i in range(part.start, part.stop)]
            ink = torch.cat([ink_part(sketch, slice(r, r + 1), polarity, paper) for r, _ in cells])
            codes = type(styles).cat([styles[c] for _, c in cells])
            first = seed + part.start
            draft = engine.decode(engine.encode_content(ink), codes, seed=first)
            return image_to_comfy(engine.refine(draft, ink, codes, seed=first, strength=strength))

        images = paint_each(
            len(sketch) * columns, work, node_id=cls.hidden.unique_id, pixels=pixels, device=model.device,
            preview=lambda done: preview_picture(comfy_to_image(done)[0]),
        )  # fmt: skip
        inks = [ink_part(sketch, slice(r, r + 1), polarity, paper) for r in range(len(sketch))]
        return io.NodeOutput(_sheet(inks, reference, images, tile), images)


def _sheet(inks: list[torch.Tensor], reference: torch.Tensor, images: torch.Tensor, tile: int) -> torch.Tensor:
    def one(x: torch.Tensor, i: int) -> torch.Tensor:
        return fit_tile(image_part(x, slice(i, i + 1), "picture").cpu(), tile)

    columns = len(reference)
    rows: list[list[torch.Tensor | None]] = [[None, *(one(reference, i) for i in range(columns))]]
    for r, ink in enumerate(inks):
        rows.append([one(ink_to_comfy(ink), 0), *(one(images, r * columns + c) for c in range(columns))])
    return image_to_comfy(contact_sheet(rows, tile))
