"""`python -m tools.record_page SITE`: pictures of the built page for the documents, and a short recording as WebP.

Someone draws the landscape that comes with the pack, group of strokes by group, and then chooses another reference. The
recording's frames are what the browser showed; waiting is cut to the time it takes on an idle machine, so that the
length does not depend on what else this one does.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import threading
from pathlib import Path

from PIL import Image

from s2i.cli.page import open_server
from tools.browser import browser, missing

ROOT = Path(__file__).parents[1]
UNITS = 10  # a pixel's parts in a drawing's file
GROUPS = (7, 10, 14, 20, 15)  # strokes between two paintings
DRAWING_MS, DRAFT_MS, REFINED_MS = 90, 500, 1400  # how long a frame stays
LARGEST_PICTURE, LARGEST_CLIP = 400_000, 2_000_000  # bytes
PATIENCE = 900_000  # milliseconds
STAGE = "stage => document.body.dataset.stage?.startsWith(stage)"
DONE = "() => document.body.dataset.stage?.includes('done') && !document.body.classList.contains('busy')"


class Recorder:
    """One page, and the frames taken of it so far."""

    def __init__(self, page: object) -> None:
        self.page, self.frames, self.times = page, [], []

    def take(self, milliseconds: int) -> None:
        self.frames.append(Image.open(io.BytesIO(self.page.screenshot())).convert("RGB"))
        self.times.append(milliseconds)

    def stroke(self, points: list[tuple[float, float]]) -> None:
        box = self.page.locator("#ink").bounding_box()
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*place)
        self.page.mouse.up()

    def painted(self) -> None:
        """Wait for the draft and the refined picture, a frame of each."""
        self.page.wait_for_function(STAGE, arg="draft", timeout=PATIENCE)
        self.take(DRAFT_MS)
        self.page.wait_for_function(DONE, timeout=PATIENCE)
        self.take(REFINED_MS)

    def save(self, path: Path) -> None:
        first, *rest = self.frames
        first.save(path, save_all=True, append_images=rest, duration=self.times, loop=0, quality=62, method=4)
        if path.stat().st_size > LARGEST_CLIP:
            raise SystemExit(f"{path} has {path.stat().st_size} bytes: at most {LARGEST_CLIP}")


def landscape() -> list[list[tuple[float, float]]]:
    """Strokes as points, in shares of the sheet."""
    drawing = json.loads((ROOT / "art" / "drawings" / "landscape.json").read_text(encoding="utf-8"))
    strokes = []
    for stroke in drawing["strokes"]:
        x, y = (list(itertools.accumulate(stroke["p"][i::2])) for i in (0, 1))
        width, height = (UNITS * drawing[side] for side in ("width", "height"))
        strokes.append([(a / width, b / height) for a, b in zip(x, y, strict=True)])
    return strokes


def record(page: object) -> Recorder:
    recorder, strokes = Recorder(page), iter(landscape())
    recorder.take(900)
    for count in GROUPS:
        page.evaluate("() => { delete document.body.dataset.stage; }")
        for i, stroke in enumerate(itertools.islice(strokes, count)):
            recorder.stroke(stroke)
            if i % 2 == 0:
                recorder.take(DRAWING_MS)
        recorder.painted()
    page.evaluate("() => { delete document.body.dataset.stage; }")
    page.locator("#references [role=radio]").nth(3).click()
    recorder.painted()
    return recorder


def save_picture(image: Image.Image, path: Path) -> None:
    for quality in range(90, 40, -5):
        image.save(path, quality=quality, optimize=True)
        if path.stat().st_size <= LARGEST_PICTURE:
            return
    raise SystemExit(f"{path} stays above {LARGEST_PICTURE} bytes")


def phone(launched: object, address: str) -> Image.Image:
    """The same drawing on a narrow screen in the dark."""
    options = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "device_scale_factor": 2}
    page = launched.new_context(**options).new_page()
    page.goto(address)
    page.wait_for_selector("body[data-backend]", state="attached", timeout=PATIENCE)
    recorder = Recorder(page)
    for stroke in landscape():
        recorder.stroke(stroke)
    page.wait_for_timeout(1000)
    page.wait_for_function(DONE, timeout=PATIENCE)
    recorder.take(0)
    return recorder.frames[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    if missing():
        raise SystemExit(missing())
    with open_server(args.site, 0) as server, browser() as launched:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/?threads={args.threads}"
        page = launched.new_context(viewport={"width": 1160, "height": 720}, color_scheme="light").new_page()
        page.goto(address)
        page.wait_for_selector("body[data-backend]", state="attached", timeout=PATIENCE)
        # How long it took says more of what else runs here.
        page.add_style_tag(content="#status { visibility: hidden }")
        recorder = record(page)
        recorder.save(args.out / "page.webp")
        save_picture(recorder.frames[-3], args.out / "page.jpg")  # refined, before the other reference
        save_picture(phone(launched, address), args.out / "page_phone.jpg")
        server.shutdown()


if __name__ == "__main__":
    main()
