"""How much memory is free, and a refusal with the number instead of a machine that stops answering."""

from __future__ import annotations

from pathlib import Path

from ..errors import S2IError


def require_memory(needed: float, what: str, advice: str) -> None:
    """Raise `S2IError` if `needed` bytes are more than this machine has free; pass where that cannot be known."""
    free = free_memory()
    if free is not None and needed > free:
        raise S2IError(f"{what} takes about {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free: {advice}")


def free_memory() -> int | None:
    """Bytes that can be had without pushing others out, within the limit of a container; None off Linux."""
    found = [bytes_ for bytes_ in (_available(), _container()) if bytes_ is not None]
    return min(found) if found else None


def _available() -> int | None:
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _container() -> int | None:
    """What a control group (version 2) leaves of its limit."""
    limit, used = (next(iter(_lines(f"/sys/fs/cgroup/memory.{name}")), "") for name in ("max", "current"))
    return max(0, int(limit) - int(used)) if limit.isdigit() and used.isdigit() else None


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
