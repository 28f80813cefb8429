"""What a model may be called: a file, a name in the models folder, or owner/name on the Hugging Face Hub."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import HubError
from ..machine.user_path import expand_user
from . import missing_model

BUNDLED_NAME = "art"
_REPO = re.compile(r"^(?P<repo>\w[\w.-]*/\w[\w.-]*)(@(?P<revision>[^:]+))?(:(?P<file>.+\.safetensors))?$")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class HubModel:
    """One file of one repository on the Hugging Face Hub. sha256, if known, is checked as well as the server's own."""

    repo_id: str
    filename: str
    revision: str = "main"
    sha256: str | None = None


# Models of this project on the Hub, by name. Empty until a repository exists.
KNOWN_MODELS: dict[str, HubModel] = {}


def bundled_path() -> Path:
    """The model that ships inside the package."""
    return Path(__file__).parents[1] / "bundled" / f"{BUNDLED_NAME}.safetensors"


def default_models_dir() -> Path:
    """$S2I_MODELS_DIR, or ~/.cache/s2i/models. ComfyUI passes its own models folder instead."""
    return Path(os.environ.get("S2I_MODELS_DIR") or Path.home() / ".cache" / "s2i" / "models")


def local_model(name: str, folder: Path) -> Path | None:
    if name in (BUNDLED_NAME, bundled_path().name):
        if bundled_path().is_file():
            return bundled_path()
        raise HubError(missing_model.bundled_is_gone(bundled_path()))
    path = expand_user(name)
    if path.is_file():
        return path
    inside = folder / name
    if not path.is_absolute() and ".." not in path.parts:
        for candidate in (inside, inside.with_name(f"{inside.name}.safetensors")):
            if candidate.is_file():
                return candidate
    if (path.suffix == ".safetensors" and ":" not in name) or path.is_absolute():
        raise HubError(missing_model.no_such_file(path, folder))
    return None


def hub_model(name: str, revision: str | None, filename: str | None) -> HubModel | None:
    known = KNOWN_MODELS.get(name)
    if known is not None:
        return HubModel(known.repo_id, filename or known.filename, revision or known.revision, known.sha256)
    match = _REPO.match(name)
    if match is None:
        return None
    file = filename or match["file"] or f"{match['repo'].split('/')[1]}.safetensors"
    if not file.endswith(".safetensors") or "\\" in file or not all(part.strip(". ") for part in file.split("/")):
        raise HubError(f"{file!r} is not a file of a repository: name a .safetensors file, without .. in its path")
    return HubModel(match["repo"], file, revision or match["revision"] or "main")


def hub_file(name: str, *, revision: str | None = None, filename: str | None = None) -> str | None:
    """The name under which `resolve` keeps this Hub model in a models folder; None if it is no Hub model's name."""
    model = hub_model(name, revision, filename)
    return None if model is None else flat_name(model)


def flat_name(model: HubModel) -> str:
    """Flat, so that a person can put the file there: owner--name--file, the revision if it is not main, a commit's as
    its first twelve digits, + for a slash in either. A revision and a folder of one name stay apart."""
    revision = model.revision[:12] if _COMMIT.fullmatch(model.revision) else model.revision
    parts = [*([] if revision == "main" else [revision]), model.filename]
    return "--".join([*model.repo_id.split("/"), *(part.replace("/", "+") for part in parts)])
