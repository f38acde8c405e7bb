"""Runs the steps of a derivation on two connections at once, each as soon as the steps that it builds on are done.

Most of the time of a small derivation goes into parsing and planning its statements, which DuckDB does on one processor. What a
step builds on is read out of its text: it waits for earlier steps that write what it names, and for those that name what it
writes. A step that says what it needs (see steps.refill) is passed over where that is empty.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Lock, Thread

import duckdb

from siplens.store import Store

_WORKERS = 2
_LONG_S = 0.2
"""A step that took longer may have freed much memory: it is given back before the next."""
_NOT_CODE = re.compile(r"\bmain\.|/\*.*?\*/|--[^\n]*|'(?:[^']|'')*'", re.DOTALL)
_WORD = re.compile(r"[\w.]+")
_WRITTEN = re.compile(r"\b(?:insert into|delete from|update|(?:create or replace|create) (?:temp )?(?:table|view|macro))\s+\"?(\w+)")
_ADDED = re.compile(r"^\s*insert into\s+\"?(\w+)")


@dataclass(slots=True)
class Step:
    """One step: its name, for those who follow the work and for errors; what is to run, perhaps nothing; its whole text."""

    name: str
    run: str
    text: str
    clears: str = ""
    """A table that is emptied first."""
    needs: str = ""
    """What must have rows, see steps.Refill."""
    call: Callable[[Store], None] | None = None
    """Runs instead of statements."""
    named: set[str] = field(init=False)
    writes: set[str] = field(init=False)
    adds: set[str] = field(init=False)
    """Of what it writes, the tables to which it only adds rows: steps that do so need not wait for one another."""
    _parsed: list[duckdb.Statement] | None = field(init=False, default=None)
    _parsing: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        code = _NOT_CODE.sub(" ", self.text.partition("\ncomment on ")[0].lower())
        self.named = {word for word in _WORD.findall(code) if "." not in word}  # with one, it is a column
        self.writes = set(_WRITTEN.findall(code)) - {"set"}
        self.adds = set(_ADDED.findall(code)) if ";" not in code.strip().rstrip(";") else set()

    def statements(self, con: duckdb.DuckDBPyConnection) -> list[duckdb.Statement]:
        """What is to run, parsed: once, by whatever connection asks first."""
        with self._parsing:
            if self._parsed is None:
                self._parsed = con.extract_statements(self.run) if self.run else []
            return self._parsed

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
        self._error: BaseException | None = None
        self._changed = Condition()
        self._running = 0
        self._waiting_for_all = 0
        """Steps that want all the memory that is allowed: while there are any, no other begins."""
        self._empty = store.empty_tables()

    def run(self) -> None:
        """Begin, wait, raise."""
        stores = [self._store.beside() for _ in range(_WORKERS)]
        threads = [Thread(target=self._work, args=(store,), name="derive", daemon=True) for store in stores]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except BaseException as error:  # Ctrl-C comes to the thread that waits
            self._stop(error)
            for store, thread in zip(stores, threads, strict=True):
                store.con.interrupt()
                thread.join()
            raise
        finally:
            for store in stores:
                store.con.close()
        if self._error:
            raise self._error

    def _work(self, store: Store) -> None:
        while (number := self._next()) is not None:
            step, began = self._steps[number], time.monotonic()
            try:
                self._run(store, step)
                if time.monotonic() - began > _LONG_S:
                    store.memory.give_back(store.con)
            except BaseException as error:
                error.add_note(f"while running {step.name}")
                self._stop(error)
                return
            self._done(number)

    def _run(self, store: Store, step: Step) -> None:
        """One step. Where it and its neighbour do not fit into the memory that is allowed, it runs alone, on one thread; then with more."""
        try:
            self._transaction(store, step)
        except duckdb.OutOfMemoryException as error:
            with self._alone(error), store.on_one_thread(), store.memory.kept(store.con):
                while True:
                    try:
                        self._transaction(store, step)
                        return
                    except duckdb.OutOfMemoryException:  # what it aggregates, for one, cannot go to disk
                        if not store.memory.widen(store.con):
                            raise

    @contextmanager
    def _alone(self, reason: BaseException) -> Iterator[None]:
        """Waits until no other step runs; none begins inside. Raises `reason` where another step failed meanwhile."""
        with self._changed:
            self._waiting_for_all += 1
            self._running -= 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._error or not self._running)
            self._running += 1
        try:
            if self._error:
                raise reason
            yield
        finally:
            with self._changed:
                self._waiting_for_all -= 1
                self._changed.notify_all()

    def _transaction(self, store: Store, step: Step) -> None:
        """The step in a transaction of its own."""
        con = store.con
        if step.call:
            step.call(store)
            self._empty -= step.writes
            return
        con.execute("BEGIN TRANSACTION")
        try:
            if step.clears and step.clears not in self._empty:
                con.execute(f"DELETE FROM {step.clears}")
            added = self._added(con, step)
            con.execute("COMMIT")
        except duckdb.OutOfMemoryException:
            con.execute("ROLLBACK")
            raise
        self._empty -= step.writes
        if step.clears and not added:
            self._empty.add(step.clears)

    def _added(self, con: duckdb.DuckDBPyConnection, step: Step) -> int:
        """Runs the statements; how many rows the last of them wrote."""
        if step.needs and (step.needs in self._empty or not _any(con, step.needs)):
            return 0
        rows: list[tuple[int, ...]] = []
        for statement in step.statements(con):
            rows = con.execute(statement).fetchall()
        return rows[0][0] if rows else 0

    def _next(self) -> int | None:
        """The first step that waits for none; None when there is nothing left to begin."""
        with self._changed:
            while not self._error:
                ready = next((number for number, others in self._waiting.items() if not others), None)
                if ready is not None and not self._waiting_for_all:
                    del self._waiting[ready]
                    self._running += 1
                    if self._progress:
                        self._progress(self._steps[ready].name)
                    return ready
                if not self._waiting:
                    return None
                self._changed.wait()
        return None

    def _done(self, number: int) -> None:
        with self._changed:
            self._running -= 1
            for others in self._waiting.values():
                others.discard(number)
            self._changed.notify_all()

    def _stop(self, error: BaseException) -> None:
        with self._changed:
            self._error = self._error or error
            self._changed.notify_all()


def _any(con: duckdb.DuckDBPyConnection, needs: str) -> bool:
    """Whether there are rows; of a table alone that is known without asking."""
    if " " not in needs:
        return True
    (found,) = con.execute(f"SELECT EXISTS (FROM {needs})").fetchall()
    return bool(found[0])
