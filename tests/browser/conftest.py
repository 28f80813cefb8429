"""The built page, served on this machine, with a small model that paints in no time."""

from __future__ import annotations

import shutil
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler

import pytest
import torch

from tests.browser.visitor import Visitor
from tools.browser import browser as open_browser
from tools.browser import missing
from tools.small_bundles import lively_model


@pytest.fixture(scope="session")
def model():
    """Every part of the shipped architecture, small."""
    pytest.importorskip("onnx", reason="the extra onnx is not installed: pip install onnx onnxruntime")
    made = lively_model(5)
    with torch.no_grad():
        made.module.content_encoder.hint.weight.mul_(16)  # a dab is to be seen
    return made


@pytest.fixture(scope="session")
def site(tmp_path_factory, model):
    from s2i.export.to_onnx import export_onnx
    from tools.build_page import build

    if missing() or shutil.which("npm") is None:
        pytest.skip(missing() or "npm is not installed: apt-get install npm")
    export_onnx(model, exported := tmp_path_factory.mktemp("exported"))
    try:
        build(folder := tmp_path_factory.mktemp("page") / "site", exported=exported)
    except subprocess.CalledProcessError:
        pytest.skip("onnxruntime-web cannot be installed: npm reaches no registry")
    return folder


@pytest.fixture
def serve(site):
    """serve(isolating, folder) -> address of a server of the page; isolating=False is a host that sends no headers."""
    from s2i.cli.page import PageHandler, open_server

    class Plain(SimpleHTTPRequestHandler):
        extensions_map = PageHandler.extensions_map
        log_message = PageHandler.log_message

    servers = []

    def start(isolating: bool = True, folder=site) -> str:
        server = open_server(folder, 0, PageHandler if isolating else Plain)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def browser(site):
    with open_browser() as launched:
        yield launched


@pytest.fixture
def visit(browser, serve):
    """visit(query, address, ready, painter, **context options) -> a visitor, in a browser profile of its own.

    ready: wait until the painter is. painter=False: the sheet alone, which needs none.
    """
    contexts = []

    def open_page(query="?backend=wasm&threads=2", address=None, ready=True, painter=True, **options):
        options = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"} | options
        if not painter:
            options["service_workers"] = "block"  # it would fetch what the page may not
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        if not painter:
            page.route("**/files.json", lambda route: route.abort())
        visitor = Visitor(page, (address or serve()) + query)
        if ready and painter:
            visitor.wait_ready()
        return visitor

    yield open_page
    for context in contexts:
        context.close()
