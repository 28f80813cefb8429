"""Splitting a set into training, validation and test so that nothing of one artist is in two of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


def assign_splits(
    groups: Mapping[str, Mapping[str, int]],
    pinned: Mapping[str, str] | None = None,
    shares: Mapping[str, float] = SHARES,
) -> dict[str, str]:
    """groups: name -> {style: number of files}, what must not be separated (a book, or all of an artist) and how much
    of each style it holds. pinned: groups that are given a split beforehand. -> group -> split.

    The groups that weigh most come first, each into the split that it overfills least, style by style, so that every
    split gets its share of each style. Ties are broken by SHA-256 of the name: the result depends on nothing else.
    """
    pinned = dict(pinned or {})
    totals: dict[str, int] = {}
    for counts in groups.values():
        for style, number in counts.items():
            totals[style] = totals.get(style, 0) + number

    def order(group: str) -> tuple[bool, float, str]:
        weight = max(number / totals[style] for style, number in groups[group].items())
        return group not in pinned, -weight, hashlib.sha256(group.encode()).hexdigest()

    filled = {split: dict.fromkeys(totals, 0) for split in shares}
    result: dict[str, str] = {}
    for group in sorted(groups, key=order):
        counts = groups[group]

        def overfill(split: str, counts: Mapping[str, int] = counts) -> float:
            have, share = filled[split], shares[split]
            return max((have[style] + number) / (share * totals[style]) for style, number in counts.items())

        split = pinned.get(group) or min(shares, key=overfill)
        for style, number in counts.items():
            filled[split][style] += number
        result[group] = split
    return result
