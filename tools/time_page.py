"""`python -m tools.time_page`: one picture painted by torch, by onnxruntime and by the browser's page, in the same run.

Wall seconds are what a user waits on an idle machine. CPU seconds, counted by the operating system, are what the work
costs, and hardly depend on what else the machine does. Also: what a visitor downloads, how long the first and the
second opening take, how long after the first stroke the first painting is there, and that the page's pictures are
torch's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import torch

from evaluation.markdown_markers import insert_tables
from s2i import SketchToImage, load_image, load_ink
from s2i.cli.page import open_server
from s2i.cli.run_command import run_command
from s2i.export.to_onnx import export_onnx
from s2i.portable.painter import OnnxPainter
from tools.browser import browser
from tools.build_page import build
from tools.first_painting import first_painting

ROOT = Path(__file__).parents[1]
SKETCH, REFERENCE = ROOT / "art" / "sketches" / "horse.png", ROOT / "art" / "references" / "coast.jpg"
# A graphics processor in software is slower than WebAssembly, and says nothing of a real one.
_GRAPHICS = """async () => {
    const adapter = await navigator.gpu?.requestAdapter();
    return Boolean(adapter) && !adapter.info?.isFallbackAdapter;
}"""
WEBGPU = ["--enable-unsafe-webgpu", "--enable-features=Vulkan"]


@dataclass
class Row:
    """Medians over the rounds: seconds of the wall clock and of the processor, for the draft and for one step finer."""

    runtime: str
    threads: int
    draft: float
    refined: float
    draft_cpu: float
    refined_cpu: float


def _timed(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """-> median wall and CPU seconds."""
    work()
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return statistics.median(walls), statistics.median(cpus)


def _row(name: str, threads: int, draft: Callable[[], object], refine: Callable[[], object], rounds: int) -> Row:
    (wall, cpu), (more_wall, more_cpu) = _timed(draft, rounds), _timed(refine, rounds)
    return Row(name, threads, wall, wall + more_wall, cpu, cpu + more_cpu)


def time_torch(model: SketchToImage, threads: int, rounds: int) -> Row:
    torch.set_num_threads(threads)
    ink, style = load_ink(SKETCH), model.encode_style(load_image(REFERENCE))
    drafted = model.decode(model.encode_content(ink), style)
    size = tuple(2 * n for n in drafted.shape[-2:])
    return _row("torch", threads, lambda: model.decode(model.encode_content(ink), style),
                lambda: model.refine(drafted, ink, style, size=size), rounds)  # fmt: skip


def time_onnxruntime(folder: Path, threads: int, rounds: int) -> Row:
    painter = OnnxPainter(folder, threads=threads)
    ink, style = load_ink(SKETCH).numpy(), painter.encode_style(load_image(REFERENCE).numpy())
    drafted = painter.draft(ink, style)
    size = tuple(2 * n for n in drafted.shape[-2:])
    return _row("onnxruntime", threads, lambda: painter.draft(ink, style),
                lambda: painter.refine(drafted, ink, style, size=size), rounds)  # fmt: skip


def _browsers_cpu() -> float:
    """CPU seconds of every process below this one."""
    children = psutil.Process().children(recursive=True)
    return sum(sum(child.cpu_times()[:2]) for child in children if child.is_running())


def time_page(address: str, backend: str, threads: int, rounds: int) -> tuple[Row, dict[str, float]] | None:
    """None where the browser has no such backend. Seconds are from the pen's lifting to the picture on the screen."""
    with browser(WEBGPU if backend == "webgpu" else ()) as launched:
        page = launched.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.goto(address)
        if backend == "webgpu" and not page.evaluate(_GRAPHICS):
            return None
        opening = {}
        for visit in ("first", "second"):
            start = time.perf_counter()
            page.goto(f"{address}?backend={backend}&threads={threads}")
            page.wait_for_selector("body[data-backend]", state="attached", timeout=600_000)
            opening[visit] = time.perf_counter() - start
            page.wait_for_timeout(3000)
        if page.get_attribute("body", "data-backend") != backend:
            return None
        waits, cpus = {"draft": [], "refined": []}, {"draft": [], "refined": []}
        for i in range(2 * (rounds + 1)):
            last = "draft" if i % 2 else "refined"  # every second time without the finer step
            page.eval_on_selector("#strength", "(e, value) => { e.value = value; }", "0" if last == "draft" else "1")
            cpu = _browsers_cpu()
            wait = _stroke(page, i, last)
            cpus[last].append(_browsers_cpu() - cpu)
            waits[last].append(wait)
    draft, refined, draft_cpu, refined_cpu = (
        statistics.median(found[name][1:]) for found in (waits, cpus) for name in ("draft", "refined")
    )
    name = "page, WebGPU" if backend == "webgpu" else "page, WebAssembly"
    return Row(name, threads, draft, refined, draft_cpu, refined_cpu), opening


def time_first_paintings(address: str) -> dict[str, float]:
    """Seconds from the first stroke on a page just opened: with an empty cache, and with a full one."""
    found = {}
    with browser() as launched:
        context = launched.new_context(viewport={"width": 1280, "height": 800})
        for cache in ("empty", "full"):
            page = context.new_page()
            found |= {f"{stage}_cache_{cache}": s for stage, s in first_painting(page, address).items()}
            page.close()
    return found


def _stroke(page: object, i: int, last: str) -> float:
    """Seconds until the last picture that the stroke brings."""
    box = page.locator("#ink").bounding_box()
    x, y = box["x"] + box["width"] * (0.1 + 0.05 * i), box["y"] + box["height"] * 0.3
    page.evaluate("performance.clearMeasures()")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 160, steps=4)
    page.mouse.up()
    page.wait_for_function("name => performance.getEntriesByName(name).length", arg=f"s2i-{last}", timeout=600_000)
    return page.evaluate("name => performance.getEntriesByName(name)[0].duration / 1000", f"s2i-{last}")


def measure(bundle: str | None, rounds: int, threads: list[int]) -> tuple[list[Row], dict[str, float]]:
    model, rows, facts = SketchToImage.from_pretrained(bundle, dtype=torch.float32), [], {}
    with tempfile.TemporaryDirectory() as folder:
        exported, site = Path(folder) / "onnx", Path(folder) / "site"
        export_onnx(model, exported)
        manifest = build(site, exported=exported)
        networks = [n["bytes"] for n in manifest["model"]["networks"].values() if not n.get("later")]
        facts["download"] = (sum(networks) + manifest["runtimes"]["wasm"]["wasm"]["bytes"]) / 1e6
        rows += [time_torch(model, n, rounds) for n in threads]
        rows += [time_onnxruntime(exported, n, rounds) for n in threads]
        with open_server(site, 0) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{server.server_address[1]}/"
            facts |= time_first_paintings(address)
            for backend, count in [*(("wasm", n) for n in threads), ("webgpu", 1)]:
                timed = time_page(address, backend, count, rounds)
                if timed is not None:
                    rows.append(timed[0])
                    facts |= {f"{key}_{backend}_{count}": value for key, value in timed[1].items()}
            server.shutdown()
    return rows, facts


def page_table(rows: list[Row], idle: bool) -> str:
    """Markdown. idle: whether the wall clock's seconds mean anything."""
    title = "| runtime | threads | draft 256²: CPU s | with refined 512²: CPU s |"
    lines = [title + (" draft: s | refined: s |" if idle else ""), "|---" * (6 if idle else 4) + "|"]
    for row in rows:
        line = f"| {row.runtime} | {row.threads} | {row.draft_cpu:.2f} | {row.refined_cpu:.2f} |"
        lines.append(line + (f" {row.draft:.2f} | {row.refined:.2f} |" if idle else ""))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.time_page", description=__doc__)
    parser.add_argument("--bundle", help="the bundled model by default")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--results", type=Path, default=ROOT / "bench" / "results" / "page.json")
    parser.add_argument("--document", type=Path, default=ROOT / "docs" / "page.md")
    arguments = parser.parse_args()
    idle = os.getloadavg()[0] < 1
    rows, facts = measure(arguments.bundle, arguments.rounds, arguments.threads)
    record = {"idle": idle, "rows": [asdict(row) for row in rows], "facts": facts}
    arguments.results.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    insert_tables(arguments.document, {"page": page_table(rows, idle)})
    print(page_table(rows, idle), facts, sep="\n")


if __name__ == "__main__":
    run_command(main)
