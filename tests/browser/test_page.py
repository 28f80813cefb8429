"""The page as such: offline, private, narrow, without headers, with a broken model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.browser.visitor import drop

pytestmark = pytest.mark.xdist_group("page")  # there is one site and one browser


def test_nothing_leaves_and_nothing_stays(visit):
    visitor = visit()
    visitor.act(visitor.house)
    base = visitor.address.split("?")[0]
    assert all(url.startswith((base, f"blob:{base}", "data:")) for url in visitor.requests)
    assert visitor.page.context.cookies() == []
    assert visitor.page.evaluate("localStorage.length") == 0
    policy = visitor.page.get_attribute("meta[http-equiv=Content-Security-Policy]", "content")
    assert "default-src 'none'" in policy
    assert "http" not in policy, "the browser itself refuses every other address"


def test_second_visit_needs_no_network(visit):
    visitor = visit(ready=False)
    visitor.page.evaluate("navigator.serviceWorker.addEventListener('message', () => (window.kept = true))")
    visitor.wait_ready()
    visitor.page.wait_for_function("() => window.kept", timeout=60_000)
    visitor.page.context.set_offline(True)
    visitor.page.reload()
    visitor.wait_ready()
    visitor.act(visitor.house)
    assert visitor.picture().std() > 0
    visitor.act(lambda: drop(visitor, Path("art/references/coast.jpg"), "drawing"))
    assert visitor.page.is_checked("[name=reading][value=traced]"), "what is fetched later is kept as well"
    assert not visitor.problems


def test_a_host_without_headers_has_threads_too(visit, serve):
    visitor = visit("?backend=wasm", address=serve(isolating=False))
    assert visitor.page.evaluate("crossOriginIsolated")
    visitor.act(visitor.house)
    assert visitor.picture().std() > 0


def test_one_thread_is_enough(visit):
    visitor = visit("?backend=wasm&threads=1")
    visitor.act(visitor.house)
    assert "one thread" in visitor.page.inner_text("#engine")


@pytest.mark.parametrize("damage", ["cut", "changed", "missing"])
def test_a_broken_model_is_named(visit, serve, site, tmp_path, damage):
    broken = shutil.copytree(site, tmp_path / "site")
    manifest = json.loads((broken / "files.json").read_text())
    path = broken / manifest["model"]["networks"]["painter"]["file"]
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(data[:-100] if damage == "cut" else data[:-100] + bytes(100))
    visitor = visit(address=serve(folder=broken), ready=False)
    visitor.page.wait_for_selector("#status.wrong", timeout=60_000)
    assert path.name in visitor.status
    assert "could not be fetched" in visitor.page.inner_text("#waiting")
    visitor.house()
    assert visitor.ink().sum() > 0, "one can still draw"
    path.write_bytes(data)
    visitor.page.reload()
    visitor.wait_ready()
    visitor.act(visitor.house)
    assert visitor.picture().std() > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_of_it(visit, scheme):
    visitor = visit(viewport={"width": 360, "height": 740}, color_scheme=scheme, has_touch=True, is_mobile=True)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 360
    cut = visitor.page.evaluate(
        """() => [...document.querySelectorAll('button, input, select')]
            .filter((e) => e.offsetParent && !e.closest('.strip') && e.type !== 'radio')
            .map((e) => [e.id || e.title, e.getBoundingClientRect()])
            .filter(([, b]) => b.left < 0 || b.right > innerWidth || b.width < 24).map(([name]) => name)""")
    assert cut == []
    visitor.act(visitor.house)
    under = visitor.pixels("under")
    assert under[..., :3].std() > 0, "the painting lies under the drawing"


def test_every_control_has_a_name(visit):
    visitor = visit()
    nameless = visitor.page.evaluate(
        """() => [...document.querySelectorAll('button, input:not([type=file]), select, [role=application]')]
            .filter((e) => e.offsetParent)
            .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.[0]?.textContent.trim()))
            .map((e) => e.outerHTML)""")
    assert nameless == []
