"""A person at the page: draws, chooses, waits, looks."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import numpy as np
import torch

_PIXELS = """id => {
    const canvas = document.getElementById(id);
    const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let text = '';
    for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
    return { data: btoa(text), width, height };
}"""
# Each finished painting counts, so that one can wait for the next.
_COUNT = """() => {
    window.painted = 0;
    const count = () => { if (document.body.dataset.stage?.includes('done')) window.painted++; };
    new MutationObserver(count).observe(document.body, { attributeFilter: ['data-stage'] });
}"""
PATIENCE = int(os.environ.get("S2I_PAGE_PATIENCE", "120")) * 1000  # milliseconds, for machines with other things to do


class Visitor:
    """page: of Playwright, opened at the page's address."""

    def __init__(self, page, address: str) -> None:
        self.page, self.address = page, address
        self.problems: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(f"{error.message}\n{error.stack}"))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(address)

    def wait_ready(self) -> None:
        self.page.wait_for_selector("body[data-backend]", state="attached", timeout=PATIENCE)
        self.page.evaluate(_COUNT)

    def stroke(self, *points: tuple[float, float], button: str = "left") -> None:
        """points: shares of the sheet's width and height."""
        box = self.page.locator("#ink").bounding_box()
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        mouse = self.page.mouse
        mouse.move(*places[0])
        mouse.down(button=button)
        for place in places[1:]:
            mouse.move(*place, steps=4)
        mouse.up(button=button)

    def house(self) -> None:
        """Two strokes: a house and the ground."""
        self.stroke((0.3, 0.7), (0.3, 0.4), (0.5, 0.2), (0.7, 0.4), (0.7, 0.7))
        self.stroke((0.0, 0.7), (1.0, 0.72))

    def act(self, action) -> None:
        """Do something that paints, and wait for its last picture."""
        before = self.page.evaluate("window.painted")
        action()
        self.page.wait_for_function("n => window.painted > n", arg=before, timeout=PATIENCE)
        self.settle()

    def settle(self) -> None:
        """Until nothing is being painted."""
        self.page.wait_for_function(
            "() => document.body.dataset.stage?.includes('done') && !document.body.classList.contains('busy')",
            timeout=PATIENCE,
        )

    def pixels(self, canvas: str) -> np.ndarray:
        """(H,W,4) uint8."""
        found = self.page.evaluate(_PIXELS, canvas)
        data = np.frombuffer(base64.b64decode(found["data"]), np.uint8)
        return data.reshape(found["height"], found["width"], 4)

    def ink(self) -> torch.Tensor:
        """(1,1,H,W) in [0,1]: what the painter is given."""
        return torch.from_numpy(self.pixels("ink")[..., 3].astype(np.float32) / 255)[None, None]

    def picture(self) -> np.ndarray:
        """(H,W,3) float32, 0..255."""
        return self.pixels("picture")[..., :3].astype(np.float32)

    def set(self, element: str, value: str | float) -> None:
        """A slider or a field."""
        self.page.eval_on_selector(
            f"#{element}",
            "(e, value) => { e.value = value; e.dispatchEvent(new Event('change')); }",
            str(value),
        )

    def choose(self, reference: str) -> None:
        """By the start of its name."""
        self.page.locator(f'#references [role=radio][aria-label^="{reference}"]').click()

    @property
    def status(self) -> str:
        return self.page.inner_text("#status")


def drop(visitor: Visitor, path: Path, target: str) -> None:
    """As a file manager drops it. target: "drawing" or "reference"."""
    transfer = visitor.page.evaluate_handle(
        """([data, name]) => {
            const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name));
            return transfer;
        }""",
        [base64.b64encode(path.read_bytes()).decode(), path.name],
    )
    visitor.page.dispatch_event("body", "dragenter", {"dataTransfer": transfer})
    visitor.page.dispatch_event(f"[data-drop={target}]", "drop", {"dataTransfer": transfer})


def difference(painted: np.ndarray, image: torch.Tensor) -> tuple[float, float]:
    """Mean and largest difference, in steps of 8-bit colour, of a canvas and an image (1,3,H,W) in [-1,1]."""
    expected = ((image[0] + 1) * 127.5).permute(1, 2, 0).numpy()
    assert painted.shape == expected.shape, f"{painted.shape} {expected.shape}"
    apart = np.abs(painted - expected)
    return float(apart.mean()), float(apart.max())


