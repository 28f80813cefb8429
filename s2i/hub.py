"""Where a model's file comes from: the path given, the bundle that ships, the models folder, then the Hub."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import S2IError
from .user_path import expand_user

BUNDLED_NAME = "compact-art"
_REPO = re.compile(r"^(?P<repo>\w[\w.-]*/\w[\w.-]*)(@(?P<revision>[^:]+))?(:(?P<file>.+\.safetensors))?$")
_CHUNK = 1 << 20

Progress = Callable[[int, int], None]


class HubError(S2IError):
    """A model cannot be had; the message names the file, the address, and what to do by hand."""


class DownloadCancelledError(S2IError):
    """The caller asked to stop. What has arrived is kept and resumed next time."""


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
    return Path(__file__).parent / "bundled" / f"{BUNDLED_NAME}.safetensors"


def default_models_dir() -> Path:
    """$S2I_MODELS_DIR, or ~/.cache/s2i/models. ComfyUI passes its own models folder instead."""
    return Path(os.environ.get("S2I_MODELS_DIR") or Path.home() / ".cache" / "s2i" / "models")


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

    name_or_path: None or "compact-art" (the bundled model), a path, a file name in the models folder, a known name, or
    "owner/name[@revision][:file.safetensors]" on the Hub. progress(bytes so far, bytes in all) is called as a download
    proceeds; `cancelled()` returning True stops it. Raises `HubError`, `DownloadCancelledError`.
    """
    folder = Path(models_dir) if models_dir is not None else default_models_dir()
    name = BUNDLED_NAME if name_or_path is None else os.fspath(name_or_path)
    local = _local(name, folder)
    if local is not None:
        return local
    model = _hub_model(name, revision, filename)
    if model is None:
        raise HubError(
            f"no model {name!r}: it is not a file, not in {folder}, and not a repository on the Hub "
            f"(owner/name). Put the .safetensors file into {folder}, or leave the name out for the bundled model"
        )
    target = folder / _flat_name(model)
    if target.is_file():
        return target
    _download(model, target, progress, cancelled)
    return target


def _local(name: str, folder: Path) -> Path | None:
    if name in (BUNDLED_NAME, bundled_path().name):
        if bundled_path().is_file():
            return bundled_path()
        raise HubError(f"the bundled model {bundled_path().name} is missing from this installation: reinstall s2i")
    path = expand_user(name)
    if path.is_file():
        return path
    inside = folder / name
    if not path.is_absolute() and ".." not in path.parts:
        for candidate in (inside, inside.with_name(f"{inside.name}.safetensors")):
            if candidate.is_file():
                return candidate
    if (path.suffix == ".safetensors" and not _REPO.match(name)) or path.is_absolute():
        raise HubError(f"model file {path} does not exist (looked in {folder} too)")
    return None


def _hub_model(name: str, revision: str | None, filename: str | None) -> HubModel | None:
    known = KNOWN_MODELS.get(name)
    if known is not None:
        return HubModel(known.repo_id, filename or known.filename, revision or known.revision, known.sha256)
    match = _REPO.match(name)
    if match is None:
        return None
    file = filename or match["file"] or f"{match['repo'].split('/')[1]}.safetensors"
    return HubModel(match["repo"], file, revision or match["revision"] or "main")


def hub_file(name: str, *, revision: str | None = None, filename: str | None = None) -> str | None:
    """The name under which `resolve` keeps this Hub model in a models folder; None if it is no Hub model's name."""
    model = _hub_model(name, revision, filename)
    return None if model is None else _flat_name(model)


def _flat_name(model: HubModel) -> str:
    """Short and flat, so that a person can put the file there: owner--name--file, the revision if it is not main."""
    parts = [*model.repo_id.split("/"), *([] if model.revision == "main" else [model.revision[:12]])]
    return "--".join([*parts, Path(model.filename).name]).replace("/", "-")


def _download(
    model: HubModel, target: Path, progress: Progress | None, cancelled: Callable[[], bool] | None
) -> None:
    """Fetch to a temporary name, resuming what an earlier attempt left, check it, and rename."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    endpoint = _endpoint()
    address = hf_hub_url(model.repo_id, model.filename, revision=model.revision, endpoint=endpoint)
    try:
        if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
            raise ConnectionError("HF_HUB_OFFLINE is set")
        facts = get_hf_file_metadata(address, token=os.environ.get("HF_TOKEN") or None)
        digest = facts.etag if facts.etag and re.fullmatch(r"[0-9a-f]{64}", facts.etag) else None
        # The commit, not the branch: a model that changes in mid-download must not be stitched together.
        commit = facts.commit_hash or model.revision
        pinned = hf_hub_url(model.repo_id, model.filename, revision=commit, endpoint=endpoint)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{(digest or facts.commit_hash or 'x')[:16]}.part")
        _stream(pinned, partial, facts.size, progress, cancelled)
        for wanted in filter(None, (digest, model.sha256)):
            found = _sha256(partial)
            if found != wanted:
                partial.unlink()
                raise OSError(f"its sha256 is {found[:12]}..., the Hub says {wanted[:12]}...")
        os.replace(partial, target)
    except DownloadCancelledError:
        raise
    except Exception as error:  # whatever the client raises, a person needs the same five facts
        raise HubError(_explain(model, address, target, error)) from error


def _endpoint() -> str | None:
    """$HF_ENDPOINT as it is now; the client reads it once, when it is imported."""
    return (os.environ.get("HF_ENDPOINT") or "").rstrip("/") or None


def _stream(
    address: str, partial: Path, size: int | None, progress: Progress | None, cancelled: Callable[[], bool] | None
) -> None:
    """Append to `partial` until it has `size` bytes; one lost connection is taken up where it broke."""
    for attempt in range(4):
        have = partial.stat().st_size if partial.is_file() else 0
        if size is not None and have > size:
            partial.unlink()
            have = 0
        if size is not None and have == size and have:
            return
        try:
            _append(address, partial, have, size, progress, cancelled)
        except DownloadCancelledError:
            raise
        except Exception:
            grown = partial.is_file() and partial.stat().st_size > have
            if attempt == 3 or not grown:
                raise
            continue
        if size is None or partial.stat().st_size == size:
            return
    raise OSError(f"the connection was cut after {partial.stat().st_size} of {size} bytes, four times")


def _append(
    address: str,
    partial: Path,
    have: int,
    size: int | None,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> None:
    import urllib.request

    from huggingface_hub.utils import build_hf_headers

    headers: dict[str, Any] = build_hf_headers(token=os.environ.get("HF_TOKEN") or None)
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - https, or the endpoint the user named
    with urllib.request.build_opener(_careful_redirect()).open(request, timeout=30) as answer:
        resumed = answer.status == 206
        total = size or (have if resumed else 0) + int(answer.headers.get("Content-Length") or 0)
        done = have if resumed else 0
        with partial.open("ab" if resumed else "wb") as file:
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
                done += len(chunk)
                if progress is not None:
                    progress(done, total)
                if cancelled is not None and cancelled():
                    raise DownloadCancelledError(f"download stopped at {done} of {total} bytes; it resumes next time")


def _careful_redirect() -> Any:
    import urllib.request
    from urllib.parse import urlsplit

    class Handler(urllib.request.HTTPRedirectHandler):
        """The Hub redirects to a file server, which must not be shown the token."""

        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            new = super().redirect_request(req, fp, code, msg, headers, newurl)
            if new is not None and urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
                new.remove_header("Authorization")
            return new

    return Handler()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _explain(model: HubModel, address: str, target: Path, error: Exception) -> str:
    kind = type(error).__name__
    status = getattr(getattr(error, "response", None), "status_code", None) or getattr(error, "code", None)
    if kind == "GatedRepoError" or status in (401, 403):
        reason = "the repository is private or gated: set HF_TOKEN to a token that may read it"
    elif kind == "RepositoryNotFoundError":
        reason = "there is no such repository (or it is private: set HF_TOKEN)"
    elif kind == "RevisionNotFoundError":
        reason = f"the repository has no revision {model.revision!r}"
    elif kind in ("EntryNotFoundError", "RemoteEntryNotFoundError") or status == 404:
        reason = "the repository has no such file"
    elif "offline" in f"{kind} {error}".lower():
        reason = "HF_HUB_OFFLINE is set"
    else:
        reason = str(error).split("\n")[0] or kind
    return (
        f"cannot download {address}: {reason}. By hand: put the file at {target}; "
        "for a mirror of the Hub set HF_ENDPOINT"
    )


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
    from .model_card import model_card
    from .weights import read_header

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
