"""Runs the steps of a derivation on two connections at once, each as soon as the steps that it builds on are done.

Half the time of a small derivation goes into planning its statements, which DuckDB does on one processor. What a step builds
on is read out of its text: it waits for earlier steps that write what it names, and for those that name what it writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Condition, Thread

import duckdb

from siplens.store import Store

_WORKERS = 2
_NOT_CODE = re.compile(r"\bmain\.|/\*.*?\*/|--[^\n]*|'(?:[^']|'')*'", re.DOTALL)
_WORD = re.compile(r'(?<![\w.])"?([a-z_]\w*)"?(?![\w.])')
_WRITTEN = re.compile(r"\b(?:insert into|delete from|update|(?:create or replace|create) (?:temp )?(?:table|view|macro))\s+\"?(\w+)")
_ADDED = re.compile(r"^\s*insert into\s+\"?(\w+)")


@dataclass(slots=True)
class Step:
    """One step: its name, for those who follow the work and for errors; what is to run, perhaps nothing; its whole text."""

    name: str
    run: str
    text: str
    named: set[str] = field(init=False)
    writes: set[str] = field(init=False)
    adds: set[str] = field(init=False)
    """Of what it writes, the tables to which it only adds rows: steps that do so need not wait for one another."""

    def __post_init__(self) -> None:
        code = _NOT_CODE.sub(" ", self.text.partition("\ncomment on ")[0].lower())
        self.named = set(_WORD.findall(code))
        self.writes = set(_WRITTEN.findall(code)) - {"set"}
        self.adds = set(_ADDED.findall(code)) if ";" not in code.strip().rstrip(";") else set()

    def waits_for(self, earlier: Step) -> bool:
        """Whether an earlier step must have ended before this one begins."""
        if earlier.writes & self.named:
            return not earlier.writes & self.named <= earlier.adds & self.adds
        return bool(earlier.named & self.writes)


def waiting_lists(steps: Sequence[Step]) -> list[set[int]]:
    """For each step the numbers of the steps that it waits for."""
    return [{number for number in range(place) if step.waits_for(steps[number])} for place, step in enumerate(steps)]


def run_side_by_side(store: Store, steps: Sequence[Step], progress: Callable[[str], None] | None) -> None:
    """Runs all steps, each in a transaction of its own. The first error ends the work and is raised; what had ended before it stays."""
    _Work(store, steps, progress).run()


class _Work:
    """What the workers share."""

    def __init__(self, store: Store, steps: Sequence[Step], progress: Callable[[str], None] | None) -> None:
        self._store, self._steps, self._progress = store, steps, progress
        self._waiting = dict(enumerate(waiting_lists(steps)))
        self._left = len(steps)
        self._error: BaseException | None = None
        self._changed = Condition()

    def run(self) -> None:
        """Begin, wait, raise."""
        connections = [self._store.another_connection() for _ in range(_WORKERS)]
        threads = [Thread(target=self._work, args=(con,), name="derive", daemon=True) for con in connections]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except BaseException as error:  # Ctrl-C comes to the thread that waits
            self._stop(error)
            for con, thread in zip(connections, threads, strict=True):
                con.interrupt()
                thread.join()
            raise
        finally:
            for con in connections:
                con.close()
        if self._error:
            raise self._error

    def _work(self, con: duckdb.DuckDBPyConnection) -> None:
        while (number := self._next()) is not None:
            step = self._steps[number]
            try:
                if step.run:
                    self._run(con, step.run)
            except BaseException as error:
                error.add_note(f"while running {step.name}")
                self._stop(error)
                return
            self._done(number)

    def _run(self, con: duckdb.DuckDBPyConnection, statements: str) -> None:
        """One transaction. Where it does not fit into the memory that is allowed, what it aggregates cannot go to disk: it gets more."""
        while True:
            try:
                con.execute(f"BEGIN TRANSACTION;\n{statements}\n;COMMIT")
                return
            except duckdb.OutOfMemoryException:
                con.execute("ROLLBACK")
                with self._changed:
                    if self._error or not self._store.widen_memory_bound():
                        raise

    def _next(self) -> int | None:
        """The first step that waits for none; None when there is nothing left to begin."""
        with self._changed:
            while not self._error:
                ready = next((number for number, others in self._waiting.items() if not others), None)
                if ready is not None:
                    del self._waiting[ready]
                    if self._progress:
                        self._progress(self._steps[ready].name)
                    return ready
                if not self._waiting:
                    return None
                self._changed.wait()
        return None

    def _done(self, number: int) -> None:
        with self._changed:
            for others in self._waiting.values():
                others.discard(number)
            self._changed.notify_all()

    def _stop(self, error: BaseException) -> None:
        with self._changed:
            self._error = self._error or error
            self._changed.notify_all()
