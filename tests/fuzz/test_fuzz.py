"""Two hundred odd inputs at every run; `make fuzz` tries ten thousand. None may be painted wrongly, end in a traceback
or hang. The cases are the same every time: what fails here fails on the next machine."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from .areas import AREAS
from .outcomes import BAD, judge

TOTAL = 200


@pytest.mark.parametrize("name", AREAS)
def test_no_input_is_painted_wrongly_or_ends_in_a_traceback_or_hangs(name):
    area = AREAS[name]

    @settings(max_examples=TOTAL * area.share // 100, deadline=None, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(area.cases)
    def attempt(case):
        outcome, why = judge(lambda: area.attempt(case))
        assert outcome not in BAD, f"{outcome.value}: {case}\n{why}"

    attempt()
