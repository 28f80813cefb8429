"""What goes wrong in an evaluation, said in one line."""

from __future__ import annotations

from s2i.errors import S2IError


class EvaluationError(S2IError):
    """An evaluation cannot be made; the message says what to do."""
