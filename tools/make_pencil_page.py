"""`python -m tools.make_pencil_page`: render art/pages/pencil.jpg, a pencil drawing on paper, photographed under a lamp
with the shadow of a hand over it. The drawing is art/sketches/walker.png."""

from __future__ import annotations

import numpy as np
from PIL import Image

from evaluation.testsets.photographed_pages import ART, photograph
from s2i.imaging.files.picture_files import load_ink

_WARM = np.array([1.0, 0.93, 0.8])


def main() -> None:
    ink = load_ink(ART / "sketches" / "walker.png")[0, 0].numpy()
    # A second, empty sheet lends its light: a page has one condition at a time.
    shadow = photograph(np.zeros_like(ink), "hand", 4)
    page = photograph(ink, "pencil", 2) * shadow / np.quantile(shadow, 0.98) * _WARM
    target = ART / "pages" / "pencil.jpg"
    target.parent.mkdir(exist_ok=True)
    Image.fromarray((page.clip(0, 1) * 255).round().astype(np.uint8)).save(target, quality=88)
    print(f"{target}: {target.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
