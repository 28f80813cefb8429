"""Train in the graph."""

from __future__ import annotations

import time
from pathlib import Path

import comfy.model_management
import comfy.utils
import folder_paths
from comfy_api.latest import io

from ..s2i.errors import S2IError
from ..s2i.imaging.files.picture_files import load_image
from ..s2i.imaging.files.suffixes import SUFFIXES
from ._shared import model_choices
from ._shared.each_picture import PREVIEW_SIDE
from ._shared.pictures import EXAMPLES
from ._shared.saved_files import name_problem
from ._shared.sketch_outputs import preview_picture
from ._shared.sockets import ROOT, Model, search
from ._shared.tuning import check_training, finish, tune


class TuneStyle(io.ComfyNode):
    """A model of one's own pictures, for as many minutes as one gives it."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="S2I_TuneStyle",
            display_name="Tune Style",
            category=f"{ROOT}/loaders",
            description="Trains a model further on a folder of pictures, in a process of its own. Every run goes on "
            "for so many minutes more where the last one stopped; interrupting keeps what was learned.",
            inputs=[
                io.Combo.Input(
                    "base", options=[model_choices.BUNDLED, *folder_paths.get_filename_list(model_choices.MODELS)],
                    default=model_choices.BUNDLED, tooltip="The model that tuning starts from.",
                ),
                io.String.Input(
                    "folder", default="", placeholder="/home/me/my paintings",
                    tooltip="A folder of pictures: its whole path, or one inside ComfyUI's input folder. Twenty or "
                    "more of one kind are best. 'references' are this pack's own ten.",
                ),
                io.String.Input("name", default="my model", tooltip="The result's name in models/s2i."),
                io.Float.Input(
                    "minutes", default=30.0, min=0.05, max=10080.0, step=1.0, tooltip="How long this run takes.",
                ),
            ],
            outputs=[Model.Output("model_out", display_name="model", tooltip="The tuned model, saved in models/s2i.")],
            hidden=[io.Hidden.unique_id],
            **search("train", "finetune", "lora", "own style", "learn"),
        )  # fmt: skip

    @classmethod
    def validate_inputs(cls, name: str | None = None) -> bool | str:
        return name_problem(name) or True

    @classmethod
    def fingerprint_inputs(cls, **_: object) -> float:
        return time.time()  # every run trains on

    @classmethod
    def execute(cls, base: str, folder: str, name: str, minutes: float) -> io.NodeOutput:
        check_training()
        source, pictures = model_choices.local_file(base), _pictures(folder)
        if source is None:
            raise S2IError(model_choices.find_problem(base) or f"{base} is not on this machine")
        models = Path(folder_paths.get_folder_paths(model_choices.MODELS)[0])
        # Not among the models: its checkpoints would be offered as such.
        run = Path(folder_paths.get_output_directory(), "s2i_tuning", name.strip())
        bar = comfy.utils.ProgressBar(round(60 * minutes), node_id=cls.hidden.unique_id)
        seen = 0
        stopped = False

        def watch(seconds: float, preview: Path) -> bool:
            nonlocal seen, stopped
            shown, changed = None, preview.stat().st_mtime_ns if preview.is_file() else 0
            if changed > seen:
                shown, seen = _shown(preview), changed
            try:
                bar.update_absolute(min(round(seconds), round(60 * minutes)), preview=shown)
            except comfy.model_management.InterruptProcessingException:
                stopped = True  # the run writes its checkpoint first
            stopped = stopped or comfy.model_management.processing_interrupted()
            return stopped

        comfy.model_management.unload_all_models()
        cpu = comfy.model_management.get_torch_device().type == "cpu"
        tune(source, pictures, run, minutes, cpu, watch)
        if stopped:
            comfy.model_management.throw_exception_if_processing_interrupted()
            raise comfy.model_management.InterruptProcessingException()
        out = models / f"{name.strip()}.safetensors"
        finish(source, run, out)
        return io.NodeOutput(model_choices.load(out, "float32"))


def _pictures(folder: str) -> Path:
    """The folder of pictures, in the input folder or else among the examples. Raises `S2IError` where there are fewer
    than two."""
    places = (Path(folder_paths.get_input_directory()), EXAMPLES) if folder.strip() else ()
    path = next((found for place in places if (found := place / folder.strip()).is_dir()), None)
    count = sum(p.suffix.lower() in SUFFIXES for p in path.rglob("*")) if path else 0
    if count < 2:
        raise S2IError(f"the folder {folder!r} holds {count} pictures: give the whole path of one with at least two")
    return path


def _shown(preview: Path) -> tuple[str, object, int]:
    return "JPEG", preview_picture(load_image(preview)), PREVIEW_SIDE
