"""Which models there are: the bundled one, files in ComfyUI's models folders, and known ones on the Hub."""

from __future__ import annotations

import os
from pathlib import Path
from weakref import WeakValueDictionary

import comfy.model_management
import comfy.utils
import folder_paths
import torch

from ...s2i import hub
from ...s2i.errors import DownloadCancelledError
from ...s2i.model_files import missing_model
from .managed_model import ManagedModel
from .saved_files import saved_folder

MODELS, STYLES, PALETTES = "s2i", "s2i_styles", "s2i_palettes"  # folder_paths' names, for extra_model_paths.yaml
BUNDLED = f"{hub.BUNDLED_NAME} (bundled)"
DOWNLOAD = " (download)"
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}
_loaded: WeakValueDictionary[tuple, ManagedModel] = WeakValueDictionary()


def register_folders() -> None:
    """models/s2i, models/s2i_styles and models/s2i_palettes, and where Save Style and Save Palette write."""
    for name, folders in (
        (MODELS, [os.path.join(folder_paths.models_dir, MODELS)]),
        (STYLES, [os.path.join(folder_paths.models_dir, STYLES), saved_folder(STYLES)]),
        (PALETTES, [os.path.join(folder_paths.models_dir, PALETTES), saved_folder(PALETTES)]),
    ):
        for i, folder in enumerate(folders):
            folder_paths.add_model_folder_path(name, folder, is_default=i == 0)
        # A new name has no extensions, which means any file.
        paths, extensions = folder_paths.folder_names_and_paths[name]
        kind = ".gpl" if name == PALETTES else ".safetensors"
        folder_paths.folder_names_and_paths[name] = (paths, set(extensions) | {kind})


def model_names() -> list[str]:
    """What Load Model offers; a download is marked as one."""
    return [BUNDLED, *folder_paths.get_filename_list(MODELS), *(f"{name}{DOWNLOAD}" for name in hub.KNOWN_MODELS)]


def looked_in(folder: str) -> str:
    return " and ".join(folder_paths.get_folder_paths(folder))


def local_file(name: str) -> Path | None:
    """The file behind a name in the list; None for a download."""
    if name == BUNDLED:
        return hub.bundled_path()
    found = folder_paths.get_full_path(MODELS, name)
    return Path(found) if found else None


def find_problem(name: str) -> str | None:
    """Why this model cannot be loaded, in one sentence, or None."""
    path = local_file(name)
    if path is not None and path.is_file():
        return None
    if name == BUNDLED:
        return missing_model.bundled_is_gone(path, "install the node pack again")
    if name.endswith(DOWNLOAD) and name.removesuffix(DOWNLOAD) in hub.KNOWN_MODELS:
        return None
    return f"there is no model {name!r}: put the file into {looked_in(MODELS)}, or choose another model"


def fingerprint(path: Path | None) -> tuple:
    """Changes when the file does: a model trained again under the same name is loaded again."""
    if path is None or not path.is_file():
        return (str(path),)
    facts = path.stat()
    return (str(path), facts.st_mtime_ns, facts.st_size)


def load(path: Path, precision: str) -> ManagedModel:
    """The model in a file; two nodes that load the same file share one."""
    key = (*fingerprint(path), precision)
    model = _loaded.get(key)
    if model is None:
        from ...s2i.pipeline import SketchToImage

        device = comfy.model_management.unet_offload_device()
        engine = SketchToImage.from_pretrained(path, device=device, dtype=PRECISIONS[precision])
        model = _loaded[key] = ManagedModel(engine, path.stem)
    return model


def local_copy(name: str, revision: str | None = None, filename: str | None = None) -> Path | None:
    """A Hub model that is already in one of the models folders."""
    file = hub.hub_file(name, revision=revision, filename=filename)
    found = folder_paths.get_full_path(MODELS, file) if file else None
    return Path(found) if found and hub.is_usable(Path(found)) else None


def fetch(name: str, node_id: str | None, revision: str | None = None, filename: str | None = None) -> Path:
    """A model from the Hub, or the copy of it in a models folder; shows progress and can be interrupted."""
    here = local_copy(name, revision, filename)
    if here is not None:
        return here
    bar = comfy.utils.ProgressBar(1, node_id=node_id)
    stopped = False

    def progress(done: int, total: int) -> None:
        nonlocal stopped
        try:
            bar.update_absolute(done, max(total, done))
        except comfy.model_management.InterruptProcessingException:
            stopped = True  # the download ends itself

    try:
        return hub.resolve(
            name,
            revision=revision,
            filename=filename,
            progress=progress,
            cancelled=lambda: stopped or comfy.model_management.processing_interrupted(),
            models_dir=folder_paths.get_folder_paths(MODELS)[0],
        )
    except DownloadCancelledError:
        raise comfy.model_management.InterruptProcessingException() from None
