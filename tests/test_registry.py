"""What the ComfyUI registry reads from pyproject.toml, against its rules."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

tomllib = pytest.importorskip("tomllib")
ROOT = Path(__file__).parents[1]
FACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())


def local(address: str) -> Path:
    return ROOT / address.split("/main/")[1]


def test_the_icon_is_square_and_small():
    root = ElementTree.parse(local(FACTS["tool"]["comfy"]["Icon"])).getroot()
    assert root.get("width") == root.get("height") and int(root.get("width")) <= 400


def test_the_banner_is_21_to_9():
    with Image.open(local(FACTS["tool"]["comfy"]["Banner"])) as banner:
        assert banner.width / banner.height == pytest.approx(21 / 9, abs=0.01)


def test_the_name_and_the_version_are_as_the_registry_wants():
    project = FACTS["project"]
    assert re.fullmatch(r"[a-z][a-z0-9]*([-_.][a-z0-9]+)*", project["name"]) and "comfyui" not in project["name"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", project["version"]) and project["license"] == {"file": "LICENSE"}
    assert any(c.startswith("Operating System ::") for c in project["classifiers"])
    assert any(c.startswith("Programming Language :: Python :: 3.") for c in project["classifiers"])
    assert FACTS["tool"]["comfy"]["requires-comfyui"].startswith(">=") and project["urls"]["Repository"]


def test_continuous_integration_runs_the_oldest_comfyui_that_is_named_and_the_newest():
    oldest = FACTS["tool"]["comfy"]["requires-comfyui"].removeprefix(">=")
    plan = (ROOT / ".github" / "workflows" / "comfyui_versions.yml").read_text()
    assert f"comfyui: [v{oldest}, master]" in plan
