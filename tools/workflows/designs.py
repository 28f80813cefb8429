"""What the shipped workflows are. `python -m tools.make_workflows` writes them, runs them and takes their pictures."""

from __future__ import annotations

from collections.abc import Callable

from tools.workflows import diffusion, pads, painting, styles
from tools.workflows.graphs import Graph

DESIGNS: dict[str, Callable[[Graph], None]] = {
    "Colour a sketch": painting.colour_a_sketch,
    "Colour a sketch (app)": painting.colour_as_an_app,
    "Step by step": painting.step_by_step,
    "Style transfer": painting.style_transfer,
    "Interpolate styles": styles.interpolate_styles,
    "Swap style scales": styles.swap_scales,
    "Regional styles": styles.regional_styles,
    "Style grid": painting.style_grid,
    "Sketch variants": painting.sketch_variants,
    "Clean a scan": painting.clean_a_scan,
    "Mix and save styles": styles.mix_and_save,
    "Draw and paint": pads.draw_and_paint,
    "Colour hints": pads.colour_hints,
    "A character on two pages": pads.character_pages,
    "Another palette": styles.another_palette,
    "Tune style": styles.tune_style,
    "Lines and layers": painting.lines_and_layers,
    "Frames of a video": painting.frames_of_a_video,
    "Hand over to diffusion (needs SD 1.5)": diffusion.hand_over_to_diffusion,
}
