"""What runs between the pack's nodes, and the inputs that several nodes share, each worded once."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

Model = io.Custom("S2I_MODEL")
Content = io.Custom("S2I_CONTENT")
Style = io.Custom("S2I_STYLE")
Palette = io.Custom("S2I_PALETTE")
Hints = io.Custom("S2I_HINTS")  # a tensor (B,4,H,W): RGB in [-1,1] and coverage in [0,1]; None for no hints

ROOT = "sketch-to-image"
POLARITY_TIP = (
    "Which are the lines: dark ones on light paper or light ones on dark? 'auto' takes a mostly dark picture for light "
    "lines on dark."
)


def search(*words: str) -> dict[str, list[str]]:
    """Other words the node is found by, where this ComfyUI knows the field."""
    return {"search_aliases": list(words)} if "search_aliases" in io.Schema.__dataclass_fields__ else {}


def gallery(combo: Any, kind: str, upload: bool = False) -> Any:
    """A choice that the front end shows as thumbnails. kind: "picture" or "style"; upload: files can be dropped on it.
    The value stays a name, which can be linked or sent by API."""
    combo.extra_dict |= {"widgetType": "S2I_GALLERY", "s2i_kind": kind, "s2i_upload": upload}
    return combo


def model_input() -> Any:
    return Model.Input("model", tooltip="From Load Model.")


def sketch_input(tooltip: str = "A drawing. Scans, photographs of paper, and transparent PNGs will do.") -> Any:
    return io.Image.Input("sketch", tooltip=tooltip)


def sketch_mask_input() -> Any:
    return io.Mask.Input(
        "sketch_mask",
        optional=True,
        tooltip="For a drawing on a transparent background: Load Image's mask, which holds the transparency it took "
        "off the picture. An empty one does nothing.",
    )


def polarity_input() -> Any:
    from ...s2i.imaging.ink.ink import POLARITIES

    return io.Combo.Input("polarity", options=list(POLARITIES), default="auto", tooltip=POLARITY_TIP)


def reference_input() -> Any:
    return io.Image.Input("reference", tooltip="The picture whose colour, light and brushwork are wanted.")


def mask_input() -> Any:
    return io.Mask.Input(
        "mask",
        optional=True,
        tooltip="Take the style only from this part of the reference. Without one, or with an empty one: from all.",
    )


def seed_input(optional: bool = False) -> Any:
    """optional: where prompts that were saved before there was a seed must still run."""
    return io.Int.Input(
        "seed",
        default=0,
        optional=optional,
        min=0,
        max=0xFFFFFFFFFFFFFFFF,
        control_after_generate=True,
        tooltip="Draws the brushwork. Picture i of a batch uses seed + i; the same seed gives the same picture.",
    )


def same_seed_input() -> Any:
    return io.Boolean.Input(
        "same_seed", default=False, optional=True,
        tooltip="For frames of a video: one seed for the whole batch, so that what does not move stays still.",
    )  # fmt: skip


def hints_input() -> Any:
    return Hints.Input(
        "hints",
        optional=True,
        tooltip="Dabs of colour that regions take: from Sketch Pad or Colour Hints.",
    )


def strength_input() -> Any:
    return io.Float.Input(
        "strength", default=1.0, min=0.0, max=2.0, step=0.05,
        tooltip="How much the refiner adds: 0 leaves the draft as it is, 1 is normal.",
    )  # fmt: skip


def scale_input() -> Any:
    return io.Float.Input(
        "scale", default=1.0, min=0.25, max=4.0, step=0.25,
        tooltip="Size of the result: 1 is the sketch's own size, 2 twice as wide and high.",
    )  # fmt: skip


def line_opacity_input() -> Any:
    return io.Float.Input(
        "line_opacity", default=0.0, min=0.0, max=1.0, step=0.05,
        tooltip="Lays the drawing's own lines back over the picture: 0 not at all, 1 fully.",
    )  # fmt: skip


def working_size_input() -> Any:
    return io.Int.Input(
        "working_size", default=0, min=0, max=2048, step=32,
        tooltip="Short side, in pixels, at which the picture is composed. 0 is the size the model was trained at; the "
        "result has the sketch's size in any case.",
    )  # fmt: skip


def image_output(tooltip: str, name: str = "image") -> Any:
    # An output may not have an input's id.
    return io.Image.Output(f"{name}_out", display_name=name, tooltip=tooltip)


def style_output(tooltip: str) -> Any:
    return Style.Output("style_out", display_name="style", tooltip=tooltip)
