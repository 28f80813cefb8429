"""What a user is told when a model's weights cannot be had: one line that says where they were looked for, and what
to do."""

from __future__ import annotations

from pathlib import Path


def bundled_is_gone(path: Path, remedy: str = "reinstall s2i") -> str:
    return f"the bundled model {path.name} is missing from this installation ({path.parent}): {remedy}"


def no_such_file(path: Path, folder: Path) -> str:
    return f"model file {path} does not exist (looked in {folder} too)"


def no_such_name(name: str, folder: Path) -> str:
    return (
        f"no model {name!r}: it is not a file, not in {folder}, and not a repository on the Hub "
        f"(owner/name). Put the .safetensors file into {folder}, or leave the name out for the bundled model"
    )


def not_downloaded(address: str, target: Path, revision: str, error: Exception) -> str:
    """The five facts that a person needs: what, from where, why not, where the file goes by hand, and the mirror."""
    return (
        f"cannot download {address}: {_reason(revision, error)}. By hand: put the file at {target}; "
        "for a mirror of the Hub set HF_ENDPOINT"
    )


def _reason(revision: str, error: Exception) -> str:
    kind, status = type(error).__name__, http_status(error)
    if kind == "GatedRepoError" or status in (401, 403):
        return "the repository is private or gated: set HF_TOKEN to a token that may read it"
    if kind == "RepositoryNotFoundError":
        return "there is no such repository (or it is private: set HF_TOKEN)"
    if kind == "RevisionNotFoundError":
        return f"the repository has no revision {revision!r}"
    if kind in ("EntryNotFoundError", "RemoteEntryNotFoundError") or status == 404:
        return "the repository has no such file"
    if "offline" in f"{kind} {error}".lower():
        return "HF_HUB_OFFLINE is set"
    deepest = error.__cause__ if kind == "LocalEntryNotFoundError" and error.__cause__ else error
    return str(deepest).split("\n")[0] or kind


def http_status(error: BaseException | None) -> int | None:
    """The HTTP status behind an error; the Hub's client wraps it in others."""
    while error is not None:
        status = getattr(getattr(error, "response", None), "status_code", None)
        if status is not None:
            return int(status)
        error = error.__cause__ or error.__context__
    return None
