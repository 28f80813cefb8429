"""Many cases of one area, none of which ends the others."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings

from .areas import AREAS
from .outcomes import BAD, judge


def run_area(task: tuple[str, int, int]) -> tuple[str, Counter[str], list[str]]:
    """(area, cases, seed) -> (area, outcomes, bad cases in words)."""
    name, cases, start = task
    area, found, bad = AREAS[name], Counter[str](), []

    @seed(start)
    @settings(max_examples=cases, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(area.cases)
    def attempt(case: object) -> None:
        outcome, why = judge(lambda: area.attempt(case))
        found[outcome.value] += 1
        if outcome in BAD:
            bad.append(f"{outcome.value}: {str(case)[:2000]}\n{why}")

    attempt()
    return name, found, bad
