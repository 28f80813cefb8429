"""One browser at one real ComfyUI for all browser tests; each test starts from the graph it loads."""

from __future__ import annotations

import os

import pytest

from tools.browser import missing
from tools.desk import desk as open_desk


@pytest.fixture(scope="session")
def browser_url(request):
    """Address of a running ComfyUI with the pack: S2I_COMFYUI_URL, or the server that all node tests share."""
    if missing():
        pytest.skip(missing())
    return os.environ.get("S2I_COMFYUI_URL") or request.getfixturevalue("comfyui").url


@pytest.fixture(scope="module")  # not longer: a process has one Playwright at a time, and the page's tests have theirs
def shared_desk(browser_url):
    with open_desk(browser_url) as made:
        yield made


@pytest.fixture
def desk(shared_desk):
    shared_desk.problems.clear()
    yield shared_desk
    assert not shared_desk.problems
