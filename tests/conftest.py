"""What all tests share: one real ComfyUI a session, in one worker."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

HELPERS = Path(__file__).parent / "nodes" / "helper_pack"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Whatever uses the server runs in one worker (with --dist loadgroup), so that there is one server."""
    for item in items:
        if {"comfyui", "browser_url"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group("comfyui"))


@pytest.fixture(scope="session")
def hub():
    """A loopback Hugging Face Hub with a tiny model at someone/model; the server is told that it is the Hub."""
    from tests.hub_server import serve_hub

    with serve_hub() as running:
        yield running


@pytest.fixture(scope="session")
def comfyui(tmp_path_factory, hub):
    """A running ComfyUI with the pack under a folder name with spaces and a hyphen, tiny.safetensors in models/s2i,
    and the test helpers' nodes. See tools/comfyui.py for what it can do."""
    from tools import comfyui as real
    from tools.small_bundles import stand_in, write_tiny_bundle

    base = tmp_path_factory.mktemp("Comfy UI") / "my base-folder"
    (base / "models" / "s2i").mkdir(parents=True)
    tiny = write_tiny_bundle(base / "models" / "s2i" / "tiny.safetensors")
    hub.repos["someone/model"]["tiny-hub.safetensors"] = tiny.read_bytes()
    pack = real.put_pack(base / "custom_nodes")
    stand_in(pack)
    shutil.copytree(HELPERS, base / "custom_nodes" / "helper_pack")
    environment = {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "HF_TOKEN": ""}
    with real.serve(base, environment=environment) as server:
        yield server
