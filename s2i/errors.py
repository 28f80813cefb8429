"""The one base class of everything we refuse."""


class S2IError(ValueError):
    """Bad input, in one line that names it and says what to do. The CLI and the nodes show it as it is."""
