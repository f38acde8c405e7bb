"""The errors a user may see. Each is one sentence on what was read, where, what was expected, and what to do.

Only `cli` catches them: it prints the sentence to stderr and exits with `exit_status`.
"""

from __future__ import annotations


class SiplensError(Exception):
    """Bad input or usage; the message is shown to the user as it is, without a traceback."""

    exit_status = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UnreadableFileError(SiplensError):
    """A file that cannot be opened, or is neither a capture, a log nor a configuration siplens knows."""


class ConfigurationError(SiplensError):
    """A configuration file that cannot be understood; names file, line and property."""


class StoreError(SiplensError):
    """The database cannot be opened, is locked by another process, or has another schema version."""


class RuleError(SiplensError):
    """A rule file with a wrong header, or whose SQL the store refuses."""


class QueryError(SiplensError):
    """An SQL statement typed by the user that cannot be run."""
