"""A hundred ways in which a hub fails: each ends in the right file or in one line, and nothing wrong is kept."""

from __future__ import annotations

import gzip
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import constants
from safetensors.numpy import save

from s2i import hub
from s2i.errors import HubError
from tests.hub_server import COMMIT, serve_hub
from tests.large_bundle import large_bundle

DATA = large_bundle(0.3)
OTHER = large_bundle(0.3, seed=1)
NAME = "someone/model"
DIGEST = hashlib.sha256(DATA).hexdigest()
PASSING = (408, 425, 429, 500, 502, 503, 504)
FINAL = (400, 401, 403, 404, 405, 410, 418, 451, 501, 505, 520)

BODIES = {
    "a login page": b"<html><body>Please log in to the hotel's network</body></html>",
    "nothing": b"",
    "a JSON error": b'{"error": "internal"}',
    "the first half": DATA[: len(DATA) // 2],
    "all but a byte": DATA[:-1],
    "a byte too much": DATA + b"\0",
    "another model of the same size": OTHER,
    "one bit wrong": DATA[:200_000] + bytes([DATA[200_000] ^ 1]) + DATA[200_001:],
    "zeros of the same size": bytes(len(DATA)),
    "a pickle": b"\x80\x04\x95" + bytes(len(DATA) - 3),
    "somebody else's tensors": save({"unet.w": __import__("numpy").zeros(9, "float32")}),
    "a zip": b"PK\x03\x04" + bytes(1000),
}
# Bodies that only a hash tells from the file: without one they are bundles like any other.
UNKNOWABLE = {"another model of the same size", "one bit wrong"}


def facts(**changes: str | None) -> dict[str, str]:
    """What the Hub says of the file; None leaves a header out."""
    headers = {"ETag": f'"{DIGEST}"', "X-Linked-Etag": f'"{DIGEST}"', "X-Repo-Commit": COMMIT,
               "X-Linked-Size": str(len(DATA)), "Content-Length": str(len(DATA)), **changes}  # fmt: skip
    return {name: value for name, value in headers.items() if value is not None}


def answer(handler, status: int, headers: dict[str, str], body: bytes = b"") -> bool:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    if handler.command == "GET":
        handler.wfile.write(body)
    handler.close_connection = True
    return True


def failing(method: str, status: int, times: int) -> Callable:
    left = [times]

    def fault(handler) -> bool:
        if handler.command != method or left[0] == 0:
            return False
        left[0] -= 1
        return answer(handler, status, {"Content-Length": "4", "Connection": "close"}, b"busy")

    return fault


def serving(body: bytes, hashed: bool, declared: bool = True) -> Callable:
    def fault(handler) -> bool:
        if handler.command == "HEAD":
            plain = {} if hashed else {"ETag": '"1a2b"', "X-Linked-Etag": None, "X-Linked-Size": None}
            return answer(handler, 200, facts(**plain, **({} if hashed else {"Content-Length": str(len(body))})))
        length = {"Content-Length": str(len(body))} if declared else {}
        return answer(handler, 200, {**length, "Connection": "close"}, body)

    return fault


def heading(headers: dict[str, str], status: int = 200) -> Callable:
    def fault(handler) -> bool:
        return handler.command == "HEAD" and answer(handler, status, headers)

    return fault


def slamming(method: str, times: int) -> Callable:
    left = [times]

    def fault(handler) -> bool:
        if handler.command != method or left[0] == 0:
            return False
        left[0] -= 1
        handler.close_connection = True
        handler.connection.close()
        return True

    return fault


def gzipped(handler) -> bool:
    body = gzip.compress(DATA)
    headers = {"Content-Encoding": "gzip", "Content-Length": str(len(body)), "Connection": "close"}
    return handler.command == "GET" and answer(handler, 200, headers, body)


def cutting_and_never_resuming(handler) -> bool:
    if handler.command != "GET":
        return False
    return answer(handler, 200, {"Content-Length": str(len(DATA)), "Connection": "close"}, DATA[:50_000])


GOOD, BAD, EITHER = "the file", "one line", "the file or one line"
FAULTS: dict[str, tuple[Callable, str]] = {}
for _method in ("HEAD", "GET"):
    for _status in PASSING:
        FAULTS[f"{_method} {_status} once"] = (lambda m=_method, s=_status: failing(m, s, 1), GOOD)
        FAULTS[f"{_method} {_status} always"] = (lambda m=_method, s=_status: failing(m, s, -1), BAD)
    for _status in FINAL:
        FAULTS[f"{_method} {_status}"] = (lambda m=_method, s=_status: failing(m, s, -1), BAD)
    FAULTS[f"{_method} line cut once"] = (lambda m=_method: slamming(m, 1), GOOD)
    FAULTS[f"{_method} line cut always"] = (lambda m=_method: slamming(m, -1), BAD)
for _name, _body in BODIES.items():
    FAULTS[f"{_name}, with a hash"] = (lambda b=_body: serving(b, True), BAD)
    if _name not in UNKNOWABLE:
        FAULTS[f"{_name}, without a hash"] = (lambda b=_body: serving(b, False), BAD)
        FAULTS[f"{_name}, without a hash or a length"] = (lambda b=_body: serving(b, False, declared=False), BAD)
for _name, _headers, _status, _wanted in (
    ("no etag", facts(ETag=None, **{"X-Linked-Etag": None}), 200, BAD),
    ("no commit", facts(**{"X-Repo-Commit": None}), 200, BAD),
    ("a commit that is a path", facts(**{"X-Repo-Commit": "../../etc"}), 200, BAD),
    ("no size", facts(**{"X-Linked-Size": None, "Content-Length": None}), 200, EITHER),
    ("a size that is too small", facts(**{"X-Linked-Size": "10"}), 200, BAD),
    ("a size that is too large", facts(**{"X-Linked-Size": str(10**7)}), 200, BAD),
    ("a size beyond all disks", facts(**{"X-Linked-Size": str(10**18)}), 200, BAD),
    ("a negative size", facts(**{"X-Linked-Size": "-5"}), 200, BAD),
    ("a size in words", facts(**{"X-Linked-Size": "many"}), 200, EITHER),
    ("a hash of another file", facts(ETag=f'"{"0" * 64}"', **{"X-Linked-Etag": f'"{"0" * 64}"'}), 200, BAD),
    ("an etag that is a path", facts(ETag='"../../evil"', **{"X-Linked-Etag": '"../../evil"'}), 200, EITHER),
    ("a redirect to itself", {"Location": f"/{NAME}/resolve/main/model.safetensors", "Content-Length": "0"}, 302, BAD),
    ("a redirect to a file", {"Location": "file:///etc/passwd", "Content-Length": "0"}, 302, BAD),
    ("a redirect to nowhere", {"Location": "http://127.0.0.1:9/x", "Content-Length": "0"}, 302, BAD),
):
    FAULTS[_name] = (lambda h=_headers, s=_status: heading(h, s), _wanted)
FAULTS["gzip where none was asked for"] = (lambda: gzipped, EITHER)
FAULTS["always cut, never resumed"] = (lambda: cutting_and_never_resuming, BAD)


@pytest.fixture
def models(monkeypatch, tmp_path) -> Path:
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # the client's waits, and ours
    return tmp_path / "models"


def test_there_are_at_least_eighty_three_faults():
    assert len(FAULTS) >= 83


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_ends_in_the_right_file_or_in_one_line(models, monkeypatch, name):
    make, wanted = FAULTS[name]
    with serve_hub({"model.safetensors": DATA}) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        server.fault = make()
        try:
            path = hub.resolve(NAME, models_dir=models)
        except HubError as error:
            assert wanted != GOOD, error
            assert "\n" not in str(error) and "model.safetensors" in str(error) and len(str(error)) < 700
            assert not list(models.glob("*.safetensors")), "nothing that would be found again"
        else:
            assert wanted != BAD and path.read_bytes() == DATA
        if wanted == BAD:
            assert not [p for p in models.rglob("*") if p.is_file() and p.stat().st_size]
        server.fault = None
        assert hub.resolve(NAME, models_dir=models).read_bytes() == DATA, "and the next try finds a hub that is well"
