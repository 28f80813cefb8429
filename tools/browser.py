"""The machine's own Chromium through Playwright: where it is, how it is started, why there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]


def chromium() -> str | None:
    """Path of the browser, or None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def missing() -> str | None:
    """Why there can be no browser here, or None."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "playwright is not installed: pip install playwright==1.65.2"
    return None if chromium() else "chromium is not installed: apt-get install chromium"


@contextmanager
def browser(graphics: Sequence[str] = ()) -> Iterator[Any]:
    """Playwright's `Browser`, until the block ends. graphics: flags that bring a graphics processor; else there is
    none."""
    from playwright.sync_api import sync_playwright

    flags = [flag for flag in FLAGS if flag != "--disable-gpu"] + [*graphics] if graphics else FLAGS
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=flags)
        try:
            yield launched
        finally:
            launched.close()
