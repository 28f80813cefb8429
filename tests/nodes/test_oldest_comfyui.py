"""The oldest ComfyUI that pyproject.toml names: everything registers there and a sketch is painted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import comfyui as real
from tools.comfyui_install import OLDEST, ROOT
from tools.small_bundles import stand_in
from tools.workflows.graphs import to_prompt

pytestmark = pytest.mark.xdist_group("comfyui")


@pytest.fixture(scope="module")
def oldest(tmp_path_factory):
    base = tmp_path_factory.mktemp("oldest")
    stand_in(real.put_pack(base / "custom_nodes"))
    # No front end: what the server does is asked here.
    page = tmp_path_factory.mktemp("page")
    (page / "index.html").write_text("<html></html>")
    with real.serve(base, version=OLDEST, arguments=("--front-end-root", str(page))) as server:
        yield server


def test_it_is_the_version_that_the_registry_is_told():
    named = re.search(r'requires-comfyui = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())[1]
    assert named == OLDEST


def test_every_node_registers_as_in_the_newest(oldest):
    snapshot = (Path(__file__).with_name("schemas.json")).read_text()
    found = {name for name in oldest.get("/object_info") if name.startswith("S2I_")}
    assert oldest.get("/system_stats")["system"]["comfyui_version"] == OLDEST
    assert len(found) > 20 and all(f'"{name}": {{' in snapshot for name in found)
    assert len(found) == snapshot.count('\n "S2I_')


@pytest.mark.parametrize("name", ["colour-a-sketch", "lines-and-layers"])
def test_a_workflow_runs(oldest, name):
    import json

    workflow = json.loads((ROOT / f"workflows/{name}.json").read_text())
    run = oldest.run(to_prompt(workflow, oldest.get("/object_info")), workflow)
    assert any(entry.get("images") for entry in run.outputs.values())
