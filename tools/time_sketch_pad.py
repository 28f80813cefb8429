"""From pen-up to picture: how long the Sketch Pad's Live takes in real ComfyUI and a real browser, everything included.

    python -m tools.time_sketch_pad [--strokes 12] [--url http://127.0.0.1:8188] [--json docs/sketch_pad.json]

Opens workflows/draw-and-paint.json, turns Live on, and draws strokes with the mouse. A stroke's time runs from the
pointer's release to the first frame that shows the new picture: the pause of Live, the prompt, the server's run of pad
and network, the preview's PNG, its download and decoding. Without --url a server is started for it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import statistics
import tempfile
from pathlib import Path

from tools.browser import missing
from tools.desk import Desk, desk

ROOT = Path(__file__).parents[1]
WORKFLOW = ROOT / "workflows" / "draw-and-paint.json"
# Notes the moments of one stroke; ends with the frame after the preview's new picture is decoded.
_STOPWATCH = """() => new Promise((resolve) => {
    const node = app.graph.nodes.find((n) => n.type === 'PreviewImage');
    const old = node.imgs?.[0]?.src, at = {};
    const note = (name) => () => { if (at.up) at[name] = performance.now(); };
    const listen = {execution_start: note('start'), executed: note('executed')};  // of the last node that shows any
    for (const [name, listener] of Object.entries(listen)) app.api.addEventListener(name, listener);
    const canvas = document.querySelector('.s2i-canvas');
    canvas.addEventListener('pointerup', () => (at.up = performance.now()), {capture: true, once: true});
    const look = () => {
        const picture = node.imgs?.[0];
        if (!at.up || !picture || picture.src === old || !picture.complete || !picture.naturalWidth)
            return requestAnimationFrame(look);
        requestAnimationFrame(() => {
            for (const [name, listener] of Object.entries(listen)) app.api.removeEventListener(name, listener);
            const now = performance.now();
            resolve([at.start - at.up, at.executed - at.start, now - at.executed, now - at.up]);
        });
    };
    look();
})"""


def _stroke(number: int) -> list[tuple[float, float]]:
    """A wavy line somewhere else each time."""
    start = 0.12 + 0.06 * (number % 12)
    return [(0.1 + 0.04 * i, start + 0.03 * math.sin(i + number)) for i in range(20)]


def measure(table: Desk, strokes: int) -> list[dict[str, float]]:
    """Milliseconds of each stroke: until the server starts, its run, until the picture shows, and all of it."""
    table.paint(json.loads(WORKFLOW.read_text()))
    live = table.tool("Live")
    if live.get_attribute("aria-pressed") != "true":
        live.click()
        table.wait_until("s2iRuns.posted > 1 && s2iRuns.waiting === 0")
    found = []
    for number in range(strokes + 2):
        table.page.evaluate(f"() => {{ window.s2iTimes = ({_STOPWATCH})(); return null; }}")
        table.draw(_stroke(number))
        times = table.page.evaluate("() => window.s2iTimes")
        table.page.wait_for_timeout(300)
        if number >= 2:  # the first ones also compile the browser's code
            found.append(dict(zip(("sent", "run", "shown", "total"), times, strict=True)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--strokes", type=int, default=12)
    parser.add_argument("--url", help="a running ComfyUI with the pack; otherwise one is started")
    parser.add_argument("--json", type=Path, help="write all times there")
    options = parser.parse_args()
    if missing():
        raise SystemExit(missing())
    with contextlib.ExitStack() as stack:
        url = options.url
        if not url:
            from tools.comfyui import serve

            base = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            threads = {"OMP_NUM_THREADS": str(os.cpu_count())}
            url = stack.enter_context(serve(base, environment=threads)).url
        times = measure(stack.enter_context(desk(url)), options.strokes)
    for name in ("sent", "run", "shown", "total"):
        values = sorted(stroke[name] for stroke in times)
        print(f"{name:6} median {statistics.median(values):6.0f} ms   {values[0]:6.0f} to {values[-1]:6.0f}")
    if options.json:
        options.json.write_text(json.dumps(times, indent=1) + "\n")


if __name__ == "__main__":
    main()
