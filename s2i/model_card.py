"""The README.md that goes to the Hub with a bundle, made from its header."""

from __future__ import annotations

from typing import Any

from .config import ModelConfig

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
    rows = "\n".join(f"| {key} | {_cell(value)} |" for key, value in sorted(provenance.items()))
    licence = str(provenance.get("licence", "mit")).lower()
    return _TEMPLATE.format(licence=licence, name=filename, config=config.name, size=config.working_size, rows=rows)


def _cell(value: Any) -> str:
    text = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")
