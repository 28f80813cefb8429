"""Example Picture: the sketches and paintings that come with the pack, so that its workflows run as they are."""

from __future__ import annotations

from pathlib import Path

from comfy_api.latest import io

from ..s2i.errors import S2IError
from ..s2i.imaging.layouts import image_to_comfy
from ..s2i.imaging.picture_files import SUFFIXES, load_image
from .sockets import ROOT, image_output, search

FOLDER = Path(__file__).resolve().parents[1] / "examples"


def example_names() -> list[str]:
    return sorted(p.relative_to(FOLDER).as_posix() for p in FOLDER.glob("*/*") if p.suffix.lower() in SUFFIXES)


class ExamplePicture(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        names = example_names() or [""]
        return io.Schema(
            node_id="S2I_ExamplePicture",
            display_name="Example Picture",
            category=f"{ROOT}/loaders",
            description="One of the sketches or paintings that come with this pack, to try things with. For pictures "
            "of your own use Load Image.",
            inputs=[io.Combo.Input("picture", options=names, default=names[0], tooltip="Which one.")],
            outputs=[image_output("The picture at its own size.")],
            **search("demo", "sample"),
        )

    @classmethod
    def execute(cls, picture: str) -> io.NodeOutput:
        if picture not in example_names():
            raise S2IError(f"there is no example {picture!r} in {FOLDER}: install the node pack again")
        return io.NodeOutput(image_to_comfy(load_image(FOLDER / picture)))
