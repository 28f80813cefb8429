"""`s2i page`: serve a built page on this machine, with the headers that let WebAssembly use threads."""

from __future__ import annotations

import sys
from argparse import Namespace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from ..errors import S2IError
from .jobs import Report

_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".onnx": "application/octet-stream",
    ".webmanifest": "application/manifest+json",
}


class PageHandler(SimpleHTTPRequestHandler):
    """Files of one folder, for this machine only."""

    extensions_map: ClassVar = {**SimpleHTTPRequestHandler.extensions_map, **_TYPES}
    protocol_version = "HTTP/1.1"

    def end_headers(self) -> None:
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Cache-Control", "no-cache")  # asked again each time, answered "not modified"
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """A page that works has nothing to say."""


def open_server(
    site: str | Path, port: int, handler: type[SimpleHTTPRequestHandler] = PageHandler
) -> ThreadingHTTPServer:
    """A server of the folder on 127.0.0.1; port 0 takes any free one. Raises `S2IError` for a folder without a page."""
    if not (Path(site) / "index.html").is_file():
        raise S2IError(f"{site} holds no page: build one with `make page`")
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(handler, directory=str(site)))
    except OSError as error:
        raise S2IError(f"port {port} cannot be used ({error.strerror}): name another with --port") from None


def page(args: Namespace) -> Report:
    """Serve until interrupted."""
    with open_server(args.site, args.port) as server:
        sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}/  (Ctrl+C ends)\n")
        sys.stdout.flush()
        server.serve_forever()
    return Report()
