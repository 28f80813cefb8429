"""What runs in continuous integration is what was read: every action is named by its commit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

WORKFLOWS = sorted((Path(__file__).parents[1] / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.name)
def test_actions_are_pinned_by_hash_and_may_do_little(path):
    text = path.read_text()
    used = re.findall(r"uses:\s*(\S+)", text)
    assert used and all(re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", name) for name in used)
    plan = yaml.safe_load(text)
    assert "permissions" in plan and plan["permissions"] != "write-all"
