"""Load Model from Hub: anybody's bundle on the Hugging Face Hub."""

from __future__ import annotations

import re

from comfy_api.latest import io

from . import model_files
from .sockets import ROOT, Model, search

_REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*")


class LoadModelFromHub(io.ComfyNode):
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
                io.Combo.Input(
                    "precision",
                    options=list(model_files.PRECISIONS),
                    default="float32",
                    tooltip="float32 works everywhere. bfloat16 halves the memory and is faster on recent processors.",
                ),
            ],
            outputs=[Model.Output("model_out", display_name="model", tooltip="To every node that asks for a model.")],
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
        here = model_files.local_copy(repo_id.strip(), revision.strip() or None, filename.strip() or None)
        return (*model_files.fingerprint(here), repo_id, revision, filename, precision)

    @classmethod
    def execute(cls, repo_id: str, revision: str, filename: str, precision: str) -> io.NodeOutput:
        path = model_files.fetch(
            repo_id.strip(), cls.hidden.unique_id, revision.strip() or None, filename.strip() or None
        )
        return io.NodeOutput(model_files.load(path, precision))
