"""The table: what each number is called, which way is better, what it should reach."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .judges.thin_resnet50 import JUDGE
from .measures import Numbers
from .metrics.intervals import Interval

REAL = "real pictures"
Rows = Mapping[str, Numbers]


@dataclass(frozen=True)
class Column:
    """key: as `measure` names it. goal: where the number should be, in words. scale: factor from number to table."""

    key: str
    title: str
    goal: str
    digits: int = 2
    scale: float = 1.0


COLUMNS = (
    Column("kid/own", f"KID ({JUDGE}) x1000, own reference", "<= 1.7x real", 0, 1000.0),
    Column("kid/unpaired", "KID, unpaired reference", "<= 1.7x real", 0, 1000.0),
    Column("kid/drawings", "KID, artists' drawings", "<= 2x real", 0, 1000.0),
    Column("edge_f1/own", "edge F1 (Canny, 2 px), own", "real +- .06"),
    Column("edge_f1/unpaired", "edge F1, unpaired", "real +- .06"),
    Column("recall/drawings", "line recall, drawings", ">= .85"),
    Column("recall/doodles", "line recall, doodles", ">= .85"),
    Column("darkness/own", "line darkness (Lab L), own", "<= real", 1),
    Column("darkness/unpaired", "line darkness, unpaired", "<= real", 1),
    Column("darkness/drawings", "line darkness, drawings", "<= real", 1),
    Column("darkness/doodles", "line darkness, doodles", "<= real", 1),
    Column("contrast/own", "contrast of touching regions / real, own", ">= .75"),
    Column("contrast/unpaired", "contrast, unpaired", ">= .75"),
    Column("contrast/drawings", "contrast, drawings", ">= .75"),
    Column("hues/unpaired", "colours / reference's, unpaired", ">= .75"),
    Column("hues/drawings", "colours, drawings", ">= .75"),
    Column("chroma/unpaired", "chroma / reference's, unpaired", ".8 to 1.2"),
    Column("chroma/drawings", "chroma, drawings", ".8 to 1.2"),
    Column("lab/unpaired", "Lab distance from the reference, unpaired", "low", 1),
    Column("lab/drawings", "Lab distance, drawings", "low", 1),
    Column("retrieval/own", "finds its reference of 16, own", ">= .85"),
    Column("retrieval/unpaired", "finds its reference, unpaired", ">= .85"),
    Column("retrieval/drawings", "finds its reference, drawings", ">= .85"),
    Column("leakage/unpaired", "leakage above chance, unpaired", "<= .03", 3),
    Column("leakage/drawings", "leakage, drawings", "<= .03", 3),
)
# Real pictures have one number where outputs have one per task.
_OF_REAL = {"kid": "kid/own", "edge_f1": "edge_f1/own", "recall": "recall/own", "darkness": "darkness/own"}


def number(numbers: Numbers, column: Column, name: str) -> Interval | None:
    key = _OF_REAL.get(column.key.split("/")[0], column.key) if name == REAL else column.key
    found = numbers.get(key)
    return None if found is None or not math.isfinite(found.value) else found.scaled(column.scale)


def table(rows: Rows, columns: Sequence[Column] = COLUMNS) -> str:
    """Markdown: one line per number, with its interval, one column per painter."""
    lines = [["", "goal", *rows], ["---"] * (len(rows) + 2)]
    for column in columns:
        cells = [number(numbers, column, name) for name, numbers in rows.items()]
        lines.append([column.title, column.goal, *(c.text(column.digits) if c else "" for c in cells)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
