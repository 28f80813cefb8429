"""A small Hugging Face Hub on loopback: enough of its HTTP API for the real client to download and push."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "c0ffee" + "0" * 34
_RESOLVE = re.compile(r"^/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)$")


@dataclass
class Hub:
    """repos: "owner/name" -> {file: bytes}. Faults are switched on by the tests; requests are counted.

    cut_after: bytes after which a download's connection is dropped, for the first `cuts` downloads.
    """

    repos: dict[str, dict[str, bytes]] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    token: str | None = None
    cut_after: int = 0
    cuts: int = 0
    lie_about_sha256: bool = False
    fault: Callable[[BaseHTTPRequestHandler], bool] | None = None  # answers a request itself and says so, or does not
    requests: list[tuple[str, str]] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *args: object) -> None:
        """Quiet."""

    def _reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None, send: bool = True) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if send:
            self.wfile.write(body)

    def _json(self, value: object, status: int = 200) -> None:
        self._reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _refuse(self, status: int, code: str) -> None:
        self._reply(status, code.encode(), {"X-Error-Code": code, "X-Error-Message": code}, self.command != "HEAD")

    def _find(self) -> bytes | None:
        match = _RESOLVE.match(self.path)
        repo = self.hub.repos.get(match["repo"]) if match else None
        if repo is None:
            self._refuse(404, "RepoNotFound")
        elif match["repo"] in self.hub.gated and self.headers.get("Authorization") != f"Bearer {self.hub.token}":
            self._refuse(401, "GatedRepo")
        elif match["revision"] not in ("main", COMMIT):
            self._refuse(404, "RevisionNotFound")
        elif match["file"] not in repo:
            self._refuse(404, "EntryNotFound")
        else:
            return repo[match["file"]]
        return None

    def do_HEAD(self) -> None:
        self.hub.requests.append(("HEAD", self.path))
        if self.hub.fault is not None and self.hub.fault(self):
            return
        data = self._find()
        if data is not None:
            digest = "0" * 64 if self.hub.lie_about_sha256 else hashlib.sha256(data).hexdigest()
            headers = {"Content-Length": str(len(data)), "ETag": f'"{digest}"', "X-Repo-Commit": COMMIT,
                       "X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(data))}
            self._reply(200, b"", headers, send=False)

    def do_GET(self) -> None:
        self.hub.requests.append(("GET", self.path))
        if self.hub.fault is not None and self.hub.fault(self):
            return
        data = self._find()
        if data is None:
            return
        start = 0
        wanted = self.headers.get("Range")
        if wanted:
            self.hub.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        body = data[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.hub.cuts > 0:
            self.hub.cuts -= 1
            self.wfile.write(body[: self.hub.cut_after])
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
            return
        self.wfile.write(body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().strip() or b"0", 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def do_PUT(self) -> None:
        self.hub.requests.append(("PUT", self.path))
        self.hub.uploads[self.path.rsplit("/", 1)[1]] = self._body()
        self._reply(200)

    def do_POST(self) -> None:
        self.hub.requests.append(("POST", self.path))
        body = self._body()
        if self.hub.token and self.headers.get("Authorization") != f"Bearer {self.hub.token}":
            self._refuse(401, "Unauthorized")
        elif self.path == "/api/validate-yaml":
            self._json({"errors": [], "warnings": []})
        elif self.path == "/api/repos/create":
            request = json.loads(body)
            name = f"{request.get('organization') or 'me'}/{request['name']}"
            self.hub.repos.setdefault(name, {})
            self._json({"url": f"{self.hub.url}/{name}", "id": name})
        elif "/preupload/" in self.path:
            files = [
                {"path": f["path"], "uploadMode": "lfs" if f["path"].endswith(".safetensors") else "regular",
                 "shouldIgnore": False}
                for f in json.loads(body)["files"]
            ]
            self._json({"files": files})
        elif self.path.endswith("/info/lfs/objects/batch"):
            objects = [
                {**o, "actions": {"upload": {"href": f"{self.hub.url}/upload/{o['oid']}"}}}
                for o in json.loads(body)["objects"]
            ]
            self._json({"transfer": "basic", "objects": objects})
        elif "/commit/" in self.path:
            self._commit(self.path.split("/models/")[1].split("/commit/")[0], body)
        else:
            self._refuse(404, "NotFound")

    def _commit(self, repo: str, body: bytes) -> None:
        for line in body.splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                self.hub.repos[repo][value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                self.hub.repos[repo][value["path"]] = self.hub.uploads[value["oid"]]
        self._json({"commitUrl": f"{self.hub.url}/{repo}/commit/{COMMIT}", "commitOid": COMMIT, "success": True})


@contextlib.contextmanager
def serve_hub(files: dict[str, bytes] | None = None, repo: str = "someone/model") -> Iterator[Hub]:
    """A hub with one repository; `hub.url` is what HF_ENDPOINT should be."""
    hub = Hub(repos={repo: dict(files or {})})
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
