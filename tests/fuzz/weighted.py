"""Inputs that are usual most of the time: a case that is odd in every way is refused for the first of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


def mostly(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any], times: int) -> st.SearchStrategy[Any]:
    """`usual`, and one in `times` + 1 is odd. By number: `st.one_of` drops repeated branches, and would draw half and
    half however often `usual` is named."""
    return st.integers(0, times).flatmap(lambda n: odd if n == times else usual)
