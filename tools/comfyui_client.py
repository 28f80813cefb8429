"""A running ComfyUI over HTTP and websocket: queue a prompt, hear what happens, take the pictures."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


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

    def version(self) -> tuple[int, ...]:
        """Of ComfyUI, such as (0, 3, 75)."""
        return tuple(map(int, self.get("/system_stats")["system"]["comfyui_version"].split(".")))

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
