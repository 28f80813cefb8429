"""The number formats that networks run in, and which is the fastest on this device: measured, and remembered."""

from __future__ import annotations

import json
import os
import platform
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from ..errors import S2IError
from .atomic_file import atomic_file

DTYPES = (torch.float32, torch.bfloat16, torch.float16, torch.float64)  # what the networks can compute in
_SHAPES = ((64, 64), (192, 24))  # (channels, side) of convolutions like the decoder's
_RUNS = 5
_WORTH = 0.85  # bfloat16 must take at most this share of float32's time: it rounds, if by less than an eye sees


def check_dtype(dtype: torch.dtype) -> torch.dtype:
    """Raise `S2IError` for one that networks cannot compute in."""
    if dtype not in DTYPES:
        known = ", ".join(str(d).removeprefix("torch.") for d in DTYPES)
        raise S2IError(f"a model cannot compute in {dtype}: choose one of {known}")
    return dtype


def fastest_dtype(device: torch.device | str) -> torch.dtype:
    """float32 or bfloat16. On a CPU neither always wins: convolutions in bfloat16 take half the time on some, twice the
    time on others. Both are timed for a fraction of a second; the answer is kept in `cache_file` for this processor,
    version of torch and number of threads, so that a machine answers alike every time.
    """
    device = torch.device(device)
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    if device.type != "cpu" or not multiplies_bfloat16():
        return torch.float32
    key = f"{_processor()}, torch {torch.__version__}, {torch.get_num_threads()} threads"
    known = _read()
    if key not in known:
        known[key] = "bfloat16" if _seconds(torch.bfloat16) < _WORTH * _seconds(torch.float32) else "float32"
        _write(known)
    return torch.bfloat16 if known[key] == "bfloat16" else torch.float32


def multiplies_bfloat16() -> bool:
    """Whether this processor has bfloat16 products of its own; elsewhere they are emulated, and slow."""
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(supported and supported())


def cache_file() -> Path:
    """$S2I_CACHE_DIR/compute.json, or ~/.cache/s2i/compute.json."""
    return Path(os.environ.get("S2I_CACHE_DIR") or Path.home() / ".cache" / "s2i") / "compute.json"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, IndexError):
        return platform.processor() or platform.machine()


@torch.inference_mode()
def _seconds(dtype: torch.dtype) -> float:
    """The best of a few runs of the same convolutions: what else the machine does only makes runs slower."""
    total = 0.0
    for channels, side in _SHAPES:
        x = torch.ones(1, channels, side, side, dtype=dtype).to(memory_format=torch.channels_last)
        weight = torch.ones(channels, channels, 3, 3, dtype=dtype).to(memory_format=torch.channels_last)
        runs = []
        for _ in range(_RUNS + 1):  # the first one prepares
            start = time.perf_counter()
            for _ in range(4):
                F.conv2d(x, weight, padding=1)
            runs.append(time.perf_counter() - start)
        total += min(runs[1:])
    return total


def _read() -> dict[str, str]:
    try:
        known = json.loads(cache_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(known: dict[str, str]) -> None:
    """Best effort: where nothing can be written, it is measured again next time."""
    try:
        cache_file().parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(cache_file()) as temporary:
            temporary.write_text(json.dumps(known, indent=1), encoding="utf-8")
    except OSError:
        pass
