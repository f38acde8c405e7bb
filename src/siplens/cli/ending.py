"""How a command ends: every error becomes one line and an exit status; what was written is flushed. Nothing heavy is imported."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import NoReturn

from siplens.errors import SiplensError

BAD_INPUT = 2
STOPPED = "stopped; what was finished before is kept"
INTERRUPTED = 130
PIPE_CLOSED = 141
_INTERRUPTED = re.compile(r"^Query interrupted|\bInterrupted!")
"""What DuckDB says where Ctrl-C or SIGTERM came amid a statement, a COMMIT too."""


def exit_status(work: Callable[[], object]) -> int:
    """Runs `work`, which may return an exit status; returns the status. No exception of ours or the user's leaves it."""
    try:
        status = work()
        sys.stdout.flush()
    except SiplensError as error:
        _complain(error.message, error.hint)
        return error.exit_status
    except KeyboardInterrupt:
        _complain(STOPPED)
        return INTERRUPTED
    except BrokenPipeError:
        _close_stdout()
        return PIPE_CLOSED
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _complain(f"{place}{error.strerror or error}")
        return BAD_INPUT
    except Exception as error:
        if was_stopped(error):
            _complain(STOPPED)
            return INTERRUPTED
        return _complain_of(error)
    return status if isinstance(status, int) else 0


def was_stopped(error: BaseException) -> bool:
    """Whether Ctrl-C or SIGTERM raised it."""
    of_duckdb = isinstance(error, RuntimeError) or type(error).__module__.lstrip("_").startswith("duckdb")
    return isinstance(error, KeyboardInterrupt) or (of_duckdb and bool(_INTERRUPTED.search(str(error))))


def leave(status: int) -> NoReturn:
    """What was written is flushed, the database is closed: the process ends without taking its memory apart."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _complain(message: str, hint: str | None = None) -> None:
    from siplens.cli import console

    console.complain(message, hint)


def _complain_of(error: Exception) -> int:
    """Usage errors of Typer know what to say. Anything else is a fault of ours, and a traceback helps only who asks for it."""
    if say := getattr(error, "format_message", None):
        _complain(str(say()).rstrip(".").replace("Value error, ", ""), _usage_hint(error))
        return BAD_INPUT
    if os.environ.get("SIPLENS_DEBUG"):
        raise error
    first = ", ".join([str(error).strip().partition("\n")[0], *getattr(error, "__notes__", [])])
    hint = "this is a fault of siplens; with SIPLENS_DEBUG=1 in the environment it shows where, please report that"
    _complain(f"{type(error).__name__}: {first}", hint)
    return BAD_INPUT


def _usage_hint(error: Exception) -> str:
    """Where help on the command is: usage errors of Typer carry the context they arose in."""
    path = getattr(getattr(error, "ctx", None), "command_path", "siplens")
    return f"{path} --help"


def _close_stdout() -> None:
    """The reader of the pipe has gone: what is left in the buffer goes nowhere, without a word at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
