"""What we refuse, and what cannot be had: one base class, one line each."""

from __future__ import annotations


class S2IError(ValueError):
    """Bad input, in one line that names it and says what to do. The CLI and the nodes show it as it is."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class HubError(S2IError):
    """A model cannot be had; the message names the file, the address, and what to do by hand."""


class DownloadCancelledError(S2IError):
    """The caller asked to stop. Nothing half is kept."""


def printable(text: str, keep: str = "") -> str:
    """The text with every control character replaced: names and headers come from strangers, and a terminal obeys
    them. Line breaks become spaces unless they are in `keep`."""
    return "".join(
        c if c.isprintable() or c in keep else " " if c in "\n\r\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
