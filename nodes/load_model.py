"""Load Model: the bundled model, a file, or a known download."""

from __future__ import annotations

from comfy_api.latest import io

from . import model_files
from .sockets import ROOT, Model, search


class LoadModel(io.ComfyNode):
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
                    options=model_files.model_names(),
                    default=model_files.BUNDLED,
                    tooltip="The bundled model, or a file in models/s2i. Entries marked (download) are fetched once.",
                ),
                io.Combo.Input(
                    "precision",
                    options=list(model_files.PRECISIONS),
                    default="float32",
                    tooltip="float32 works everywhere. bfloat16 halves the memory and is faster on recent processors.",
                ),
            ],
            outputs=[Model.Output("model_out", display_name="model", tooltip="To every node that asks for a model.")],
            hidden=[io.Hidden.unique_id],
            **search("s2i", "sketch", "loader"),
        )

    @classmethod
    def validate_inputs(cls, model: str) -> bool | str:
        return model_files.find_problem(model) or True

    @classmethod
    def fingerprint_inputs(cls, model: str, precision: str) -> tuple:
        return (*model_files.fingerprint(model_files.local_file(model)), precision)

    @classmethod
    def execute(cls, model: str, precision: str) -> io.NodeOutput:
        path = model_files.local_file(model)
        if path is None:
            path = model_files.fetch(model.removesuffix(model_files.DOWNLOAD), cls.hidden.unique_id)
        return io.NodeOutput(model_files.load(path, precision))
