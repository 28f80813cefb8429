"""A person at ComfyUI's graph: Chromium through Playwright, with hands for tests, benchmark and screenshots."""

from __future__ import annotations

import json
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.browser import FLAGS, chromium

ARTIFACTS = Path(__file__).parents[1] / "tests" / "artifacts"
_READY = "type => Boolean(window.app?.graph && window.LiteGraph?.registered_node_types[type])"
# Counts what happens to runs from now on; `finished` is how a run ended.
_WATCH = """() => {
    if (window.s2iRuns) return;
    window.s2iRuns = {posted: 0, finished: [], waiting: 0, mostWaiting: 0, errors: []};
    for (const name of ['execution_success', 'execution_error', 'execution_interrupted'])
        app.api.addEventListener(name, (e) => {
            s2iRuns.finished.push(name);
            if (name === 'execution_error') s2iRuns.errors.push(e.detail.exception_message);
        });
    app.api.addEventListener('status', (e) => {
        s2iRuns.waiting = e.detail?.exec_info?.queue_remaining ?? 0;
        s2iRuns.mostWaiting = Math.max(s2iRuns.mostWaiting, s2iRuns.waiting);
    });
    const post = app.api.queuePrompt;
    app.api.queuePrompt = function (...args) { s2iRuns.posted++; return post.apply(this, args); };
}"""


class Desk:
    """One browser page at one ComfyUI server."""

    def __init__(self, page, url: str) -> None:
        self.page, self.url = page, url
        self.problems: list[str] = []  # errors that name the pack's own files
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._note(f"{error.message}\n{error.stack}"))

    def _hear(self, message) -> None:
        if message.type == "error":
            self._note(f"{message.text} {message.location.get('url', '')}")

    def _note(self, text: str) -> None:
        # ComfyUI has errors of its own; only those in our files count.
        if "/js/s2i" in text:
            self.problems.append(text)

    # -- the graph ---------------------------------------------------------------------------------------------------

    def open(self) -> None:
        self.page.goto(self.url, wait_until="domcontentloaded", timeout=300_000)
        self.wait_until(_READY, "S2I_SketchPad", seconds=300)
        self.page.evaluate(_WATCH)

    def load(self, workflow: dict) -> None:
        """Show a workflow (the saved form, with positions)."""
        # As text: Playwright would turn what is left out into null.
        self.page.evaluate("text => app.loadGraphData(JSON.parse(text))", json.dumps(workflow))
        self.page.wait_for_timeout(400)

    def paint(self, workflow: dict) -> None:
        """Show a workflow whole, run it, and wait for its picture."""
        self.load(workflow)
        self.fit()
        self.run(seconds=300)
        self.previews()

    def workflow(self) -> dict:
        """The graph as it would be saved."""
        return json.loads(self.page.evaluate("JSON.stringify(app.graph.serialize())"))

    def wait_until(self, condition: str, argument=None, seconds: float = 60) -> None:
        self.page.wait_for_function(condition, arg=argument, timeout=1000 * seconds)

    def forget_runs(self) -> None:
        """Count runs from zero again; one that is waiting still is."""
        self.page.evaluate("Object.assign(s2iRuns, {posted: 0, finished: [], mostWaiting: 0, errors: []})")

    def run(self, seconds: float = 120) -> None:
        """Click Run and wait for the end; raises RuntimeError with the server's sentence where the run fails."""
        self.forget_runs()
        self.page.get_by_role("button", name="Run", exact=True).first.click()
        self.wait_until("s2iRuns.finished.length > 0", seconds=seconds)
        if self.page.evaluate("s2iRuns.finished[0]") != "execution_success":
            raise RuntimeError(str(self.page.evaluate("s2iRuns.errors")))

    def previews(self, count: int = 1, seconds: float = 30) -> None:
        """Wait until `count` nodes show their pictures."""
        self.wait_until(
            "n => app.graph.nodes.filter((x) => x.imgs?.length && x.imgs.every((i) => i.naturalWidth)).length >= n",
            count, seconds=seconds,
        )
        self.page.wait_for_timeout(300)

    def fit(self, margin: float = 40, top: float = 110, left: float = 70) -> None:
        """The whole graph in the free part of the window."""
        self.page.evaluate(
            """([margin, top, left]) => {
                let box = [1e9, 1e9, -1e9, -1e9];
                for (const n of app.graph.nodes) {
                    const [x, y, w, h] = n.getBounding();
                    box = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x + w), Math.max(box[3], y + h)];
                }
                const [w, h] = [innerWidth - left - margin, innerHeight - top - margin];
                const scale = Math.min(1.2, w / (box[2] - box[0]), h / (box[3] - box[1]));
                app.canvas.ds.scale = scale;
                app.canvas.ds.offset[0] = (left + (w - (box[2] - box[0]) * scale) / 2) / scale - box[0];
                app.canvas.ds.offset[1] = (top + (h - (box[3] - box[1]) * scale) / 2) / scale - box[1];
                app.canvas.setDirty(true, true);
            }""",
            [margin, top, left],
        )
        self.page.wait_for_timeout(300)

    def around(self, *kinds: str, margin: float = 16) -> dict[str, float]:
        """The part of the window that holds the nodes of these types (all nodes if none is named), as a clip."""
        return self.page.evaluate(
            """([kinds, margin]) => {
                let box = [1e9, 1e9, -1e9, -1e9];
                for (const n of app.graph.nodes) {
                    if (kinds.length && !kinds.includes(n.type)) continue;
                    const [x, y, w, h] = n.getBounding();
                    box = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x + w), Math.max(box[3], y + h)];
                }
                const { scale, offset } = app.canvas.ds, canvas = app.canvas.canvas.getBoundingClientRect();
                const place = (v, i) => (v + offset[i]) * scale + (i ? canvas.top : canvas.left);
                const x = Math.max(0, place(box[0], 0) - margin), y = Math.max(0, place(box[1], 1) - margin);
                return {
                    x, y,
                    width: Math.min(innerWidth, place(box[2], 0) + margin) - x,
                    height: Math.min(innerHeight, place(box[3], 1) + margin) - y,
                };
            }""",
            [list(kinds), margin],
        )

    def screenshot(self, name: str, folder: Path = ARTIFACTS, clip: dict[str, float] | None = None) -> Path:
        """A picture of the window, or of a part of it; .jpg or .png by its name."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        form = {"quality": 88, "type": "jpeg"} if path.suffix == ".jpg" else {}
        self.page.screenshot(path=path, clip=clip, **form)
        return path

    # -- the pad -----------------------------------------------------------------------------------------------------

    def draw(self, points: list[tuple[float, float]], *, pad: int = 0, button: str = "left") -> None:
        """One stroke with the mouse; points in shares of the sheet's width and height."""
        box = self.page.locator(".s2i-canvas").nth(pad).bounding_box()
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        self.page.mouse.move(*places[0])
        self.page.mouse.down(button=button)
        for place in places[1:]:
            self.page.mouse.move(*place)
        self.page.mouse.up(button=button)

    def tool(self, name: str, pad: int = 0):
        """A control of the pad by the beginning of its label."""
        which = f'[aria-label^="{name}"], button:has-text("{name}")'
        return self.page.locator(".s2i-pad").nth(pad).locator(which).first

    def drawing(self, pad: int = 0) -> dict | None:
        """What the pad saves; None = blank."""
        text = self.page.evaluate(
            """i => app.graph.nodes.filter((n) => n.type === 'S2I_SketchPad')[i]
                    .widgets.find((w) => w.name === 'drawing').value""",
            pad,
        )
        return json.loads(text) if text else None

    def strokes(self, pad: int = 0) -> int:
        return len((self.drawing(pad) or {"strokes": []})["strokes"])

    def ink(self, pad: int = 0) -> int:
        """How many pixels of the visible canvas carry ink."""
        return self.page.evaluate(
            """i => {
                const c = document.querySelectorAll('.s2i-canvas')[i];
                const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
                let n = 0;
                for (let k = 3; k < d.length; k += 4) n += d[k] > 127;
                return n;
            }""",
            pad,
        )


def _settings(url: str, values: dict) -> None:
    request = urllib.request.Request(
        f"{url}/api/settings", json.dumps(values).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    urllib.request.urlopen(request, timeout=30).close()


@contextmanager
def desk(url: str, *, size: tuple[int, int] = (1280, 800), scale: float = 1, nodes_2: bool = False) -> Iterator[Desk]:
    """A `Desk` at the server, in a browser with a fresh profile that can reach nothing but this machine."""
    from playwright.sync_api import sync_playwright

    # A new user would find a dialog over the graph.
    _settings(url, {"Comfy.TutorialCompleted": True, "Comfy.Minimap.Visible": False, "Comfy.Locale": "en",
                    "Comfy.VueNodes.Enabled": nodes_2, "Comfy.Graph.CanvasInfo": False})
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium(), headless=True, args=FLAGS,
            viewport={"width": size[0], "height": size[1]}, device_scale_factor=scale,
        )
        try:
            local = (url, "data:", "blob:")
            context.route("**/*", lambda r: r.continue_() if r.request.url.startswith(local) else r.abort())
            # A banner that advertises another look would push everything down.
            context.add_init_script("localStorage.setItem('vueNodesBannerDismissed', 'true')")
            context.set_default_timeout(120_000)
            made = Desk(context.pages[0], url)
            made.open()
            yield made
        finally:
            context.close()


def wait(condition: Callable[[], object], seconds: float = 20, what: str = "the condition") -> None:
    """Wait for a Python condition; TimeoutError with `what` if it does not come true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come true in {seconds} s")
        time.sleep(0.05)
