"""What grows with the picture, and what a user waits for at the start: measured in fresh processes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

from s2i.errors import S2IError

# What ran before would hide the memory of what runs after: each size has a process of its own.
_GROWTH = """
import json, os, resource, sys, time
import torch
from s2i.config import ModelConfig
from s2i.hub import bundled_path
from s2i.pipeline import SketchToImage
size, bundle = int(sys.argv[1]), sys.argv[2] or None
if bundle or bundled_path().is_file():
    model = SketchToImage.from_pretrained(bundle)
else:
    model = SketchToImage.from_config(ModelConfig.art())
ink = (torch.rand(1, 1, size, size) > 0.97).float()
image = torch.rand(1, 3, 256, 256) * 2 - 1
model(ink[..., :64, :64], image)
empty = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
times = []
for _ in range(3 if size < 2048 else 2):
    start, before = time.perf_counter(), os.times()
    model(ink, image)
    after = os.times()
    times.append((time.perf_counter() - start, after.user - before.user, after.system - before.system))
seconds, user, system = min(times)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"size": size, "seconds": seconds, "user_seconds": user, "system_seconds": system, "peak_mb": peak,
                  "empty_mb": empty}))
"""
_START = """
import json, sys, time
start = time.perf_counter()
import torch
torch_ready = time.perf_counter()
from s2i import ModelConfig, SketchToImage
from s2i.hub import bundled_path
imported = time.perf_counter()
bundle = sys.argv[1] or None
if bundle or bundled_path().is_file():
    model = SketchToImage.from_pretrained(bundle)
else:
    model = SketchToImage.from_config(ModelConfig.art())
loaded = time.perf_counter()
model(torch.zeros(1, 1, 512, 512), torch.zeros(1, 3, 256, 256))
done = time.perf_counter()
print(json.dumps({"import torch": torch_ready - start, "import s2i": imported - torch_ready,
                  "load the model": loaded - imported, "first 512² picture": done - loaded}))
"""


def _fresh(code: str, *arguments: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise S2IError(f"a measurement failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure_growth(sizes: Sequence[int], bundle: str | None = None) -> list[dict[str, float]]:
    """Per size: seconds of the whole chain (best of a few), peak memory of the process in MB, seconds per megapixel.

    user_seconds are spent computing; system_seconds mostly on fresh pages, since large buffers go back to the system
    after each layer. Both are processor time, over all threads.
    """
    rows = [_fresh(_GROWTH, str(size), bundle or "") for size in sizes]
    return [{**row, "seconds_per_megapixel": row["seconds"] / (row["size"] ** 2 / 1e6)} for row in rows]


def measure_start(bundle: str | None = None) -> dict[str, float]:
    """Seconds of each part of a start, from a new process to its first picture, fp32."""
    return _fresh(_START, bundle or "")
