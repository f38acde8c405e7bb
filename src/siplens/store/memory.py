"""What DuckDB may take of memory: one bound for all connections to a database, each of which may change it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

import duckdb

_UNITS = ("KiB", "MiB", "GiB", "TiB")


class MemoryBound:
    """The bound of one database. Megabytes are millions of bytes, as in DuckDB's MB."""

    def __init__(self) -> None:
        self._allowed: tuple[int, int] | None = None
        """Inside `at`: what DuckDB may take, and what it might without."""
        self._setting = Lock()

    @contextmanager
    def at(self, con: duckdb.DuckDBPyConnection, megabytes: int) -> Iterator[None]:
        """Lets DuckDB take no more than that inside, nor more than its own bound; beyond, it works on disk beside the database."""
        ((own,),) = con.execute("SELECT current_setting('memory_limit')").fetchall()
        number, unit = own.split()
        most = self._allowed[0] if self._allowed else int(float(number) * 1024 ** (_UNITS.index(unit) + 1) / 1e6)
        outer, self._allowed = self._allowed, (min(megabytes, most), most)
        self._set(con)
        try:
            yield
        finally:
            self._allowed = outer
            with suppress(duckdb.Error):  # closed meanwhile
                con.execute(f"SET memory_limit = '{own}'")

    def widen(self, con: duckdb.DuckDBPyConnection) -> bool:
        """Adds half to what `at` allows, at most to DuckDB's own bound; False where that is reached already."""
        now, most = self._allowed or (0, 0)
        if now >= most:
            return False
        self._allowed = min(now + now // 2 + 1, most), most
        self._set(con)
        return True

    @contextmanager
    def kept(self, con: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Takes back, at its end, what `widen` allowed inside."""
        before = self._allowed
        try:
            yield
        finally:
            if self._allowed != before:
                self._allowed = before
                with suppress(duckdb.Error):  # closed meanwhile
                    self._set(con)

    def give_back(self, con: duckdb.DuckDBPyConnection) -> None:
        """Gives the system, inside `at`, what DuckDB has freed: by itself it keeps that for ten seconds."""
        self._set(con)

    def _set(self, con: duckdb.DuckDBPyConnection) -> None:
        with self._setting:
            if self._allowed:  # DuckDB empties its allocator whenever it is told a bound, the same one too
                con.execute(f"SET memory_limit = '{self._allowed[0]}MB'")
