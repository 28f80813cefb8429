"""The README.md that goes to the Hub with a bundle, made from its header."""

from __future__ import annotations

import re
from typing import Any

from ..config import ModelConfig
from ..errors import printable

_LONGEST = 2000  # characters of one cell

_TEMPLATE = """---
license: {licence}
pipeline_tag: image-to-image
tags:
- sketch-to-image
- style-transfer
- exemplar-based
---

# {name}

Colours a line sketch after a reference picture: the sketch's content, the reference's colour, light and brushwork.
Configuration `{config}`, made for drafts of {size} px on the short side. No prompt; the same seed gives the same
picture.

```python
from s2i import SketchToImage, load_image, load_ink, save_image

model = SketchToImage.from_pretrained("{name}")
save_image(model(load_ink("sketch.png"), load_image("reference.jpg")), "out.png")
```

## Provenance

| | |
|---|---|
{rows}
"""


def model_card(config: ModelConfig, provenance: dict[str, Any], filename: str) -> str:
    """-> Markdown with the Hub's front matter."""
    rows = "\n".join(f"| {_plain(key)} | {_plain(value)} |" for key, value in sorted(provenance.items()))
    licence = str(provenance.get("licence", "mit")).lower()
    return _TEMPLATE.format(
        # The one value inside the YAML: a word, or none of the words that the Hub knows.
        licence=licence if re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,40}", licence) else "other",
        name=_plain(filename), config=_plain(config.name), size=config.working_size, rows=rows,
    )  # fmt: skip


def _plain(value: Any) -> str:
    """One line that Markdown and HTML leave alone, whatever a bundle says of itself."""
    text = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
    return re.sub(r"([\\`*\[\]<>|#!])", r"\\\1", printable(text)[:_LONGEST])
