"""Which styles the arithmetic nodes take."""

from __future__ import annotations

from ...s2i.codes.regional_style import Style
from ...s2i.codes.style import StyleCode
from ...s2i.errors import S2IError


def plain_style(style: Style, node: str) -> StyleCode:
    """Styles of regions belong to a sheet and cannot be averaged or saved."""
    if not isinstance(style, StyleCode):
        raise S2IError(f"{node} takes plain styles: put it before Regional Styles, not after")
    return style
