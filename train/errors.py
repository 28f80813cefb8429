"""What goes wrong in training, said in one line."""

from __future__ import annotations

from s2i.errors import S2IError


class TrainError(S2IError):
    """Training cannot start or go on; the message says what to do."""
