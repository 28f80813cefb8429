"""The evaluation's columns: what each number is called, which way is better, and tables of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .judges import INCEPTION, LPIPS
from .metrics.bootstrap import NO_DIFFERENCE, Interval
from .metrics.features import JUDGE

Rows = Mapping[str, Mapping[str, Interval]]


@dataclass(frozen=True)
class Column:
    """better: "high", "low", "one" (near 1) or "real" (near the real pictures' own number)."""

    key: str
    title: str
    better: str
    digits: int = 2

    def badness(self, interval: Interval, real: Interval | None) -> Interval:
        """The same as a number to be small: comparisons need only one direction."""
        if self.better in ("low", "high"):
            sign = 1 if self.better == "low" else -1
            ends = sorted((sign * interval.low, sign * interval.high))
            return Interval(sign * interval.value, *ends)
        goal = 1.0 if self.better == "one" else (real.value if real else 1.0)
        ends = sorted(abs(x - goal) for x in (interval.low, interval.high))
        low = 0.0 if interval.low <= goal <= interval.high else ends[0]
        return Interval(abs(interval.value - goal), low, ends[1])


COLUMNS = (
    Column("kid_foreign", f"KID-{JUDGE} x1000, foreign ref.", "low", 1),
    Column("kid_own", f"KID-{JUDGE} x1000, own ref.", "low", 1),
    Column("kid_inception_foreign", f"KID-{INCEPTION} x1000, foreign ref.", "low", 1),
    Column("kid_inception_own", f"KID-{INCEPTION} x1000, own ref.", "low", 1),
    Column("lpips", f"LPIPS-{LPIPS} from the real picture, own ref.", "low", 3),
    Column("canny_f1_2px", "edge F1 (Canny, 2 px)", "real"),
    Column("xdog_f1_2px", "edge F1 (XDoG, 2 px)", "real"),
    Column("canny_chamfer", "Chamfer, px", "real", 1),
    Column("lab_emd", "Lab EMD", "low", 1),
    Column("style", f"style distance ({JUDGE})", "low"),
    Column("retrieval", "finds its reference of 16", "high"),
    Column("chroma", "chroma / reference's", "one"),
    Column("leakage_excess", "leakage above chance", "low", 3),
    Column("contrast", "figure/ground / real, own ref.", "one"),
    Column("contrast_foreign", "figure/ground / real, foreign ref.", "one"),
)
_MORE = (
    Column("frechet_foreign", f"Frechet-{JUDGE} patches, foreign ref.", "low", 2),
    Column("frechet_own", f"Frechet-{JUDGE} patches, own ref.", "low", 2),
    Column("frechet_inception_foreign", f"Frechet-{INCEPTION} patches, foreign ref.", "low", 2),
    Column("frechet_inception_own", f"Frechet-{INCEPTION} patches, own ref.", "low", 2),
    Column("lab_sliced", "Lab sliced Wasserstein", "low", 1),
    Column("leakage", "reference leakage", "low", 3),
    Column("leakage_chance", "leakage by chance", "low", 3),
)
ALL_COLUMNS = (*COLUMNS, *_MORE)
_SCALE = {c.key: 1000.0 for c in ALL_COLUMNS if c.key.startswith("kid_")}
REAL = "real pictures"


def scaled(column: Column, interval: Interval) -> Interval:
    """In the unit of the column's title."""
    factor = _SCALE.get(column.key, 1.0)
    return Interval(interval.value * factor, interval.low * factor, interval.high * factor)


def table(rows: Rows, columns: Sequence[Column] = COLUMNS, *, transposed: bool = True) -> str:
    """Markdown: numbers with their intervals. Transposed: one line per number, one column per painter."""
    grid = [["", *rows]]
    for column in columns:
        cells = [_cell(column, numbers.get(column.key)) for numbers in rows.values()]
        if any(cells):
            arrow = {"high": "↑", "low": "↓", "one": "→ 1", "real": "→ real"}[column.better]
            grid.append([f"{column.title} {arrow}", *cells])
    if not transposed:
        grid = [list(line) for line in zip(*grid, strict=True)]
    head, *body = grid
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(column: Column, interval: Interval | None) -> str:
    if interval is None or not math.isfinite(interval.value):
        return ""
    return scaled(column, interval).text(column.digits)


def verdicts(rows: Rows, ours: str, columns: Sequence[Column] = COLUMNS) -> str:
    """Markdown: ours against every other row, number by number: better, worse, or no difference shown."""
    real = rows.get(REAL, {})
    others = [name for name in rows if name not in (ours, REAL) and not name.startswith("floor")]
    lines = [["ours against", *others], ["---"] * (len(others) + 1)]
    for column in columns:
        mine = rows[ours].get(column.key)
        if mine is None:
            continue
        words = []
        for other in others:
            theirs = rows[other].get(column.key)
            words.append("" if theirs is None else _verdict(column, mine, theirs, real.get(column.key)))
        lines.append([column.title, *words])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _verdict(column: Column, mine: Interval, theirs: Interval, real: Interval | None) -> str:
    # The intervals themselves decide whether there is a difference; distance from the goal decides its sign.
    if mine.overlaps(theirs):
        return NO_DIFFERENCE
    a, b = (column.badness(x, real) for x in (mine, theirs))
    return "better" if a.value < b.value else "worse"
