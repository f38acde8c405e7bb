"""One life of a watch that is killed: it plays the day from where the last one died, on the day's own clock, until it is killed."""

from __future__ import annotations

import os
import pickle
import signal
from pathlib import Path
from typing import Any

from simulated_day import Piece, write

from siplens.store import store as store_module
from siplens.watch import Completeness, Watcher, WatchOptions
from siplens.watch import watcher as watcher_module

SETTLE_S = 30.0
LOOKS = 3
"""The watch looks after so many pieces."""


class Fatal:
    """A connection at whose n-th use from now on the process dies, without a word. 0: it never does."""

    left = 0

    def __init__(self, con: Any) -> None:
        self._con = con

    def __getattr__(self, name: str) -> Any:
        if Fatal.left:
            Fatal.left -= 1
            if not Fatal.left:
                os.kill(os.getpid(), signal.SIGKILL)
        return getattr(self._con, name)


def live(base: Path, armed_at: int | None, uses: int, *, judges: bool = True) -> None:
    """Goes on with the day. From its piece number `armed_at` on, the connection's use number `uses` is the last. None: to the end of it.

    judges: false leaves judging to a later life, because it takes most of the time.
    """
    if not judges:
        watcher_module.judge = lambda store: None  # type: ignore[attr-defined]
    day: list[Piece] = pickle.loads((base / "day").read_bytes())
    reached = base / "reached"
    folder = base / "arriving"
    now = 0.0
    attached = store_module._attached
    store_module._attached = lambda path: Fatal(attached(path))  # type: ignore[assignment,return-value]
    watcher = Watcher(WatchOptions(db=base / "watched.duckdb", folders=(folder,), settle_s=SETTLE_S, poll_s=1.0))
    watcher._completeness = Completeness(SETTLE_S, clock=lambda: now)
    for number in range(int(reached.read_text()), len(day)):
        if number == armed_at:
            Fatal.left = uses
        write(day[number], folder)
        reached.write_text(str(number + 1))
        now = day[number].at
        if number % LOOKS == 0 or Fatal.left:
            watcher.step()
    for _ in range(3):
        now += SETTLE_S
        waiting = watcher.step()
    assert not waiting
