"""The same picture on WebGPU, here with SwiftShader, a graphics processor in software.

Compiling every shader in software takes minutes, so this runs where it is asked for: S2I_WEBGPU=1.
"""

from __future__ import annotations

import os

import pytest

from tests.browser.test_painting import expected
from tests.browser.visitor import Visitor, difference
from tools.browser import browser

pytestmark = [
    pytest.mark.xdist_group("page"),  # there is one site and one browser
    pytest.mark.skipif(not os.environ.get("S2I_WEBGPU"), reason="takes minutes: S2I_WEBGPU=1 runs it"),
]
_ADAPTER = "async () => Boolean(await navigator.gpu?.requestAdapter())"


def test_webgpu_paints_the_pipelines_picture(site, serve, model):
    software = ["--enable-unsafe-webgpu", "--enable-features=Vulkan,WebGPU", "--use-angle=swiftshader"]
    with browser(software) as launched:
        page = launched.new_context(viewport={"width": 1280, "height": 800}).new_page()
        visitor = Visitor(page, f"{serve()}?backend=webgpu")
        if not page.evaluate(_ADAPTER):
            pytest.skip("this browser has no WebGPU adapter, not even in software")
        visitor.wait_ready()
        assert page.get_attribute("body", "data-backend") == "webgpu"
        visitor.act(visitor.house)
        _, image = expected(model, visitor.ink(), "coast")
        mean, most = difference(visitor.picture(), image)
        assert mean < 0.6
        assert most <= 2
