"""The text between markers of a Markdown file: `<!-- bench:NAME -->` ... `<!-- /bench -->`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path


def insert_tables(path: Path, tables: Mapping[str, str]) -> list[str]:
    """Replace what stands between the markers of each name; -> the names that the file has. Other text stays."""
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    found = []
    for name, content in tables.items():
        pattern = re.compile(rf"(<!-- bench:{re.escape(name)} -->\n).*?(<!-- /bench -->)", re.DOTALL)
        text, count = pattern.subn(lambda m, c=content: f"{m[1]}{c.strip()}\n{m[2]}", text)
        if count:
            found.append(name)
    if found:
        path.write_text(text, encoding="utf-8")
    return found
