"""How long a visitor of the page waits for the first painting, drawing as soon as there is a sheet."""

from __future__ import annotations

from typing import Any

_HOUSE = ((0.3, 0.7), (0.3, 0.4), (0.5, 0.2), (0.7, 0.4), (0.7, 0.7)), ((0.0, 0.7), (1.0, 0.72))  # shares of the sheet
# The page's own measures end with the picture that they are named after.
_SECONDS = """(name) => {
    const [first] = performance.getEntriesByName(name);
    return (first.startTime + first.duration - window.penDown) / 1000;
}"""
_KEPT = """() => navigator.serviceWorker.addEventListener("message", () => (window.kept = true))"""


def first_painting(page: Any, address: str, patience: float = 600) -> dict[str, float]:
    """Open the page, draw a house, wait -> seconds from the first touch of the pen to the draft and to the refined
    picture. page: Playwright's, of a context that has been here before or has not. At most `patience` seconds each."""
    page.goto(address)
    page.evaluate(_KEPT)
    page.evaluate("addEventListener('pointerdown', () => (window.penDown ??= performance.now()), true)")
    box = page.locator("#ink").bounding_box()
    for stroke in _HOUSE:
        (x, y), *rest = [(box["x"] + u * box["width"], box["y"] + v * box["height"]) for u, v in stroke]
        page.mouse.move(x, y)
        page.mouse.down()
        for place in rest:
            page.mouse.move(*place, steps=8)
        page.mouse.up()
    found = {}
    for stage in ("draft", "refined"):
        name = f"s2i-{stage}"
        page.wait_for_function("(name) => performance.getEntriesByName(name).length", arg=name, timeout=patience * 1000)
        found[stage] = page.evaluate(_SECONDS, name)
    page.wait_for_function("() => window.kept", timeout=patience * 1000)
    return found
