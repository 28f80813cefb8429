"""Models and example pictures."""

from __future__ import annotations

import re
from typing import Any

from comfy_api.latest import io

from ..s2i.errors import S2IError
from ..s2i.imaging.files.frames import load_frames
from ..s2i.imaging.pixels.layouts import image_to_comfy
from ._shared import model_choices
from ._shared.pictures import example_names, picture_path
from ._shared.sockets import ROOT, Model, gallery, image_output, search


def _precision_input() -> Any:
    return io.Combo.Input(
        "precision",
        options=list(model_choices.PRECISIONS),
        default="float32",
        tooltip="float32 works everywhere. bfloat16 halves the memory and is faster on recent processors.",
    )


def _model_output() -> Any:
    return Model.Output("model_out", display_name="model", tooltip="To every node that asks for a model.")


class LoadModel(io.ComfyNode):
    """The bundled model, a file, or a known download."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_LoadModel",
            display_name="Load Sketch-to-Image Model",
            category=f"{ROOT}/loaders",
            description="Loads a sketch-to-image model: the one that comes with the pack, or a .safetensors file in "
            "models/s2i. Nothing is fetched from the network unless an entry marked as a download is chosen.",
            inputs=[
                io.Combo.Input(
                    "model",
                    options=model_choices.model_names(),
                    default=model_choices.BUNDLED,
                    tooltip="The bundled model, or a file in models/s2i. Entries marked (download) are fetched once.",
                ),
                _precision_input(),
            ],
            outputs=[_model_output()],
            hidden=[io.Hidden.unique_id],
            **search("s2i", "sketch", "loader"),
        )

    @classmethod
    def validate_inputs(cls, model: str) -> bool | str:
        return model_choices.find_problem(model) or True

    @classmethod
    def fingerprint_inputs(cls, model: str, precision: str) -> tuple:
        return (*model_choices.fingerprint(model_choices.local_file(model)), precision)

    @classmethod
    def execute(cls, model: str, precision: str) -> io.NodeOutput:
        path = model_choices.local_file(model)
        if path is None:
            path = model_choices.fetch(model.removesuffix(model_choices.DOWNLOAD), cls.hidden.unique_id)
        return io.NodeOutput(model_choices.load(path, precision))


_REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*")


class LoadModelFromHub(io.ComfyNode):
    """Anybody's bundle on the Hugging Face Hub."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_LoadModelFromHub",
            display_name="Load Sketch-to-Image Model from Hub",
            category=f"{ROOT}/loaders",
            description="Loads a sketch-to-image model from the Hugging Face Hub. It is downloaded once into "
            "models/s2i; after that no network is needed.",
            inputs=[
                io.String.Input("repo_id", default="", placeholder="owner/name", tooltip="The repository: owner/name."),
                io.String.Input("revision", default="main", tooltip="Branch, tag or commit."),
                io.String.Input(
                    "filename",
                    default="",
                    placeholder="name.safetensors",
                    tooltip="The .safetensors file in the repository. Empty: the file named after the repository.",
                ),
                _precision_input(),
            ],
            outputs=[_model_output()],
            hidden=[io.Hidden.unique_id],
            **search("s2i", "huggingface", "download"),
        )

    @classmethod
    def validate_inputs(cls, repo_id: str | None = None) -> bool | str:
        if repo_id is None or _REPOSITORY.fullmatch(repo_id.strip()):
            return True
        return f"repo_id must be owner/name, as in the Hub's address bar; found {repo_id!r}"

    @classmethod
    def fingerprint_inputs(cls, repo_id: str, revision: str, filename: str, precision: str) -> tuple:
        here = model_choices.local_copy(repo_id.strip(), revision.strip() or None, filename.strip() or None)
        return (*model_choices.fingerprint(here), repo_id, revision, filename, precision)

    @classmethod
    def execute(cls, repo_id: str, revision: str, filename: str, precision: str) -> io.NodeOutput:
        path = model_choices.fetch(
            repo_id.strip(), cls.hidden.unique_id, revision.strip() or None, filename.strip() or None
        )
        return io.NodeOutput(model_choices.load(path, precision))


class ExamplePicture(io.ComfyNode):
    """The sketches and paintings that come with the pack, so that its workflows run as they are; or one's own."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        names = example_names() or [""]
        return io.Schema(
            node_id="S2I_ExamplePicture",
            display_name="Choose Picture",
            category=f"{ROOT}/loaders",
            description="Choose one of the sketches and paintings that come with this pack, or drop a picture of your "
            "own on the node. A drawing on a transparent page is read as one on white, an animation as its frames.",
            inputs=[
                gallery(
                    io.Combo.Input(
                        "picture", options=names, default=names[0],
                        tooltip="An example, or NAME [input] for a file of ComfyUI's input folder.",
                    ),
                    "picture", upload=True,
                )
            ],
            outputs=[image_output("The picture at its own size, or all frames of an animation.")],
            **search("load image", "example", "demo", "sample", "sketch", "reference", "lineart"),
        )  # fmt: skip

    @classmethod
    def validate_inputs(cls, picture: str | None = None) -> bool | str:
        return picture is None or picture_path(picture) is not None or _no_picture(picture)

    @classmethod
    def fingerprint_inputs(cls, picture: str) -> tuple:
        return model_choices.fingerprint(picture_path(picture))

    @classmethod
    def execute(cls, picture: str) -> io.NodeOutput:
        path = picture_path(picture)
        if path is None:
            raise S2IError(_no_picture(picture))
        return io.NodeOutput(image_to_comfy(load_frames(path)))


def _no_picture(name: str) -> str:
    return f"there is no picture {name!r}: choose an example, or drop a picture on the node"
