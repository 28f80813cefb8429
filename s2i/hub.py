"""Where a model's file comes from: the path given, the bundle that ships, the models folder, then the Hub."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

from .errors import DownloadCancelledError, HubError, S2IError
from .model_files import missing_model
from .model_files.download_turn import Progress, one_at_a_time, silent_bar
from .model_files.model_names import (
    BUNDLED_NAME,
    KNOWN_MODELS,
    HubModel,
    bundled_path,
    default_models_dir,
    flat_name,
    hub_file,
    hub_model,
    local_model,
)
from .model_files.tensor_header import check_tensors, read_tensor_header

__all__ = ["BUNDLED_NAME", "KNOWN_MODELS", "HubModel", "bundled_path", "default_models_dir", "hub_file", "is_usable",
           "push", "resolve"]  # fmt: skip

_CHUNK = 1 << 20
_STAGING = ".downloads"  # inside the models folder: a rename must stay on one disk
_WAITS = (1.0, 3.0)  # seconds before a busy server is asked again


def resolve(
    name_or_path: str | os.PathLike[str] | None = None,
    *,
    revision: str | None = None,
    filename: str | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    models_dir: str | os.PathLike[str] | None = None,
) -> Path:
    """-> the file on this disk; a local one always wins, without a network call.

    name_or_path: None or "art" (the bundled model), a path, a file name in the models folder, a known name, or
    "owner/name[@revision][:file.safetensors]" on the Hub. progress(bytes so far, bytes in all) is called as a download
    proceeds; `cancelled()` returning True stops it. Raises `HubError`, `DownloadCancelledError`.
    """
    folder = Path(models_dir) if models_dir is not None else default_models_dir()
    name = BUNDLED_NAME if name_or_path is None else os.fspath(name_or_path)
    local = local_model(name, folder)
    if local is not None:
        return local
    model = hub_model(name, revision, filename)
    if model is None:
        raise HubError(missing_model.no_such_name(name, folder))
    target = folder / flat_name(model)
    if is_usable(target):
        return target
    _download(model, target, progress, cancelled)
    return target


def _download(
    model: HubModel, target: Path, progress: Progress | None, cancelled: Callable[[], bool] | None
) -> None:
    """Fetch with the Hub's own client into a folder beside the models, check what came, and only then move it there.

    A second process that wants the same file waits for the first and takes what it brought.
    """
    from huggingface_hub import hf_hub_url

    endpoint = _endpoint()
    address = hf_hub_url(model.repo_id, model.filename, revision=model.revision, endpoint=endpoint)
    try:
        if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
            raise ConnectionError("HF_HUB_OFFLINE is set")
        staging = target.parent / _STAGING / hashlib.sha256(target.name.encode()).hexdigest()[:16]
        staging.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(staging.with_suffix(".lock"), cancelled):
            if not is_usable(target):
                for wait in (*_WAITS, None):
                    try:
                        return _fetch(model, address, staging, target, silent_bar(progress, cancelled))
                    except Exception as error:
                        if wait is None or not _is_passing(error):
                            raise
                        time.sleep(wait)
    except DownloadCancelledError:
        raise
    except Exception as error:  # whatever the client raises, a person needs the same five facts
        raise HubError(missing_model.not_downloaded(address, target, model.revision, error)) from error


def _fetch(model: HubModel, address: str, staging: Path, target: Path, bar: type) -> None:
    from huggingface_hub import get_hf_file_metadata, hf_hub_download

    token = os.environ.get("HF_TOKEN") or False  # never one that lies about on this machine
    try:
        facts = get_hf_file_metadata(address, token=token)
        # Older clients show a bar of their own and cannot be stopped in the middle of a file.
        options: dict[str, Any] = {"tqdm_class": bar} if "tqdm_class" in signature(hf_hub_download).parameters else {}
        # The commit, not the branch: a model that changes in mid-download must not be stitched together.
        file = hf_hub_download(
            model.repo_id, model.filename, revision=facts.commit_hash or model.revision, local_dir=staging,
            endpoint=_endpoint(), token=token, force_download=True, **options,
        )  # fmt: skip
        _check_download(Path(file), model, facts.etag)
        os.replace(file, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _check_download(file: Path, model: HubModel, etag: str | None) -> None:
    """What came is the file that the Hub named, and a bundle: a login page or a cut body must not be kept."""
    for wanted in filter(None, (etag if etag and re.fullmatch(r"[0-9a-f]{64}", etag) else None, model.sha256)):
        found = _sha256(file)
        if found != wanted:
            raise OSError(f"its sha256 is {found[:12]}..., the Hub says {wanted[:12]}...")
    from .bundle import read_header

    try:
        read_header(file)
    except S2IError as error:
        raise OSError(f"what came is not a model: {str(error).replace(str(file), 'it')}") from None


def is_usable(file: Path) -> bool:
    """Whether a file kept under a Hub model's name is one: an earlier version may have kept an error page."""
    if not file.is_file():
        return False
    try:
        check_tensors(read_tensor_header(file), file)
    except S2IError:
        return False
    return True


def _is_passing(error: Exception) -> bool:
    """A busy server, or a line that was cut: worth another try. A refusal is not."""
    status = missing_model.http_status(error)
    if status is not None:
        return status in (408, 425, 429, 500, 502, 503, 504)
    return type(error).__module__.split(".")[0] in ("httpx", "httpx2", "httpcore", "requests", "urllib3")


def _endpoint() -> str | None:
    """$HF_ENDPOINT as it is now; the client reads it once, when it is imported."""
    return (os.environ.get("HF_ENDPOINT") or "").rstrip("/") or None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def push(
    bundle: str | os.PathLike[str],
    repo_id: str,
    *,
    card: str | None = None,
    private: bool = False,
    token: str | None = None,
    revision: str | None = None,
) -> str:
    """Upload a bundle and a model card to the Hub (created where it does not exist) -> the commit's address."""
    from .bundle import read_header
    from .model_files.model_card import model_card

    config, provenance = read_header(bundle)
    text = card or model_card(config, provenance, Path(bundle).name)
    from huggingface_hub import CommitOperationAdd, HfApi

    api = HfApi(endpoint=_endpoint(), token=token or os.environ.get("HF_TOKEN") or None)
    try:
        api.create_repo(repo_id, private=private, exist_ok=True)
        info = api.create_commit(
            repo_id=repo_id,
            operations=[
                CommitOperationAdd(Path(bundle).name, str(bundle)),
                CommitOperationAdd("README.md", text.encode()),
            ],
            commit_message=f"Upload {Path(bundle).name}",
            revision=revision,
        )
    except Exception as error:  # the client's own messages are tracebacks long
        reason = str(error).split("\n")[0] or type(error).__name__
        raise HubError(
            f"cannot push {Path(bundle).name} to {repo_id}: {reason}. Set HF_TOKEN to a token that may write, "
            "or HF_ENDPOINT to the Hub you mean"
        ) from error
    return str(info.commit_url)
