"""Opens the database when nobody else has it: for work that can wait, by day and night."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from siplens.errors import StoreError
from siplens.store.store import Store, open_store

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0


def open_when_free(
    path: Path,
    write: bool,
    patience_s: float | None = None,
    say: Callable[[str], None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Store:
    """Opens as `open_store` does, and waits while another process has the database, for `patience_s` seconds at most (None: for ever).

    say: hears once, after a second or so, what is being waited for. Raises StoreError when the patience is at its end.
    """
    pause, until, told = FIRST_PAUSE_S, None if patience_s is None else time.monotonic() + patience_s, False
    while True:
        try:
            return open_store(path, write)
        except StoreError as error:
            if "in use" not in error.message or (until is not None and time.monotonic() + pause > until):
                raise
            if say and not told and pause > 1:
                say(f"waiting: {error.message}")
                told = True
        sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)
