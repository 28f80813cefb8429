"""Real ComfyUI, started with this pack in its custom_nodes: `python -m tools.comfyui` serves until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from .comfyui_client import ComfyUI
from .comfyui_install import CACHE, NEWEST, ROOT, install

# No Python name: users have those. No space: ComfyUI 0.3.75 then serves none of a pack's web files (404).
PACK_FOLDER = "sketch-to-image-nodes"
SHIPPED = ("__init__.py", "pyproject.toml", "nodes", "s2i", "train", "evaluation", "web",
           "locales", "workflows", "subgraphs", "art")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def put_pack(custom_nodes: Path, live: bool = False) -> Path:
    """The pack as a zip or a clone puts it into custom_nodes; `live` links the working tree instead."""
    pack = custom_nodes / PACK_FOLDER
    custom_nodes.mkdir(parents=True, exist_ok=True)
    if live:
        pack.symlink_to(ROOT, target_is_directory=True)
        return pack
    pack.mkdir()
    for name in SHIPPED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, pack / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copy2(source, pack / name)
    return pack


@contextlib.contextmanager
def serve(
    base: Path,
    port: int = 0,
    live: bool = False,
    environment: dict[str, str] | None = None,
    arguments: tuple[str, ...] = (),
    version: str = NEWEST,
) -> Iterator[ComfyUI]:
    """Start a server whose every folder is under `base`, with the pack installed; stop it afterwards."""
    source, python = install(version)
    for name in ("models/s2i", "input", "output", "temp", "user"):
        (base / name).mkdir(parents=True, exist_ok=True)
    if not (base / "custom_nodes" / PACK_FOLDER).exists():
        put_pack(base / "custom_nodes", live)
    port = port or _free_port()
    log = base / "server.log"
    settings = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    environment = {**os.environ, **settings, **(environment or {})}
    environment.pop("PYTHONPATH", None)
    command = [
        python, source / "main.py", "--cpu", "--listen", "127.0.0.1", "--port", str(port), "--base-directory", base,
        "--disable-auto-launch", "--disable-api-nodes", "--preview-method", "auto",
        "--database-url", "sqlite:///:memory:", *arguments,
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=source,
                                   start_new_session=True)
    server = ComfyUI(f"http://127.0.0.1:{port}", base, log, process)
    try:
        _wait_until_up(server)
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_up(server: ComfyUI, seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not server.alive():
            break
        with contextlib.suppress(OSError, urllib.error.URLError):
            server.get("/system_stats")
            return
        time.sleep(0.2)
    raise RuntimeError(f"ComfyUI did not start:\n{server.log.read_text(errors='replace')[-4000:]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=8188)
    parser.add_argument("--base", type=Path, default=CACHE / "base", help="folder of models, input, output, user")
    parser.add_argument("--install-only", action="store_true")
    options = parser.parse_args()
    if options.install_only:
        print(*install())
        return
    with serve(options.base.resolve(), options.port, live=True) as server:
        print(f"{server.url}  log: {server.log}")
        with contextlib.suppress(KeyboardInterrupt):
            server.process.wait()


if __name__ == "__main__":
    main()
