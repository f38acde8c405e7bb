"""Tries again what may succeed later, with pauses that double; gives up at once on what will not."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from siplens.errors import SiplensError

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0

T = TypeVar("T")


class TellError(SiplensError):
    """A destination could not be told; says which, and what it answered."""


class TransientError(Exception):
    """It failed this time: no connection, a server that is busy. `after_s`: when the server asks to be tried again, in seconds."""

    def __init__(self, words: str, after_s: float | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.after_s = after_s


def with_retries(name: str, attempts: int, send: Callable[[], T], sleep: Callable[[float], None] = time.sleep) -> T:
    """The answer of `send`, tried up to `attempts` times. Raises TellError with the last failure's words."""
    for attempt in range(1, attempts + 1):
        try:
            return send()
        except TransientError as error:
            if attempt == attempts:
                times = f" (tried {attempts} times)" if attempts > 1 else ""
                raise TellError(f"{name}: could not be told: {error.words}{times}") from error
            pause = min(FIRST_PAUSE_S * 2 ** (attempt - 1), LONGEST_PAUSE_S)
            # Not all jobs of all machines at the same moment.
            pause *= random.uniform(0.8, 1.2)
            sleep(min(max(pause, error.after_s or 0), 10 * LONGEST_PAUSE_S))
    raise AssertionError("attempts is 1 or more")
