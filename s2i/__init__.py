"""Sketch and reference in, picture out: exemplar-based sketch-to-image synthesis.

>>> from s2i import SketchToImage
>>> model = SketchToImage.from_pretrained()
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"

# Loaded on first use: importing the package must cost nothing (a node pack is imported at every start).
_HOMES = {
    "SketchToImage": "pipeline",
    "StyleCode": "codes.style",
    "RegionalStyle": "codes.regional_style",
    "ContentCode": "codes.content",
    "ModelConfig": "config",
    "S2IError": "errors",
    "load_image": "imaging.files.picture_files",
    "load_ink": "imaging.files.picture_files",
    "save_image": "imaging.files.picture_files",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
