"""The DuckDB file: opened for writing by one process, or read-only by many. Knows no SIP."""

from __future__ import annotations

import datetime as dt
import glob
import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import duckdb

from siplens.errors import QueryError, StoreError
from siplens.store.ddl import create_statements, quoted
from siplens.store.memory import MemoryBound
from siplens.version import __version__

SCHEMA_VERSION = 5
MOST_SPILLED = "8GB"
"""What one reading process may write beside the database while it sorts or joins."""
CATALOGUE = "siplens"
"""What a database that is open for writing is called within DuckDB."""
ROW_GROUP = 12_288
"""Rows that go to disk together, also before their transaction ends, so that memory does not grow with the file; a message is 3 kB."""
_UNFINISHED_S = 3600.0
_OWN_TABLES = Path(__file__).with_name("schema.sql")


class Rows(NamedTuple):
    """A query's result: column names, and rows as tuples in their order."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


class Store:
    """An open database. Use `open_store`; close it, or use it as a context manager."""

    def __init__(self, con: duckdb.DuckDBPyConnection, path: Path | None, writable: bool) -> None:
        self.con = con
        self.path = path
        self.writable = writable
        self.memory = MemoryBound()

    def query(self, sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> Rows:
        """Runs one statement. Raises QueryError with DuckDB's own words, which name the place."""
        try:
            cursor = self.con.execute(sql, params)
            columns = [column[0] for column in cursor.description or []]
            return Rows(columns, cursor.fetchall() if columns else [])
        except duckdb.Error as error:
            raise QueryError(str(error).strip()) from error

    def value(self, sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> Any:
        """The first column of the first row, or None without rows."""
        rows = self.query(sql, params).rows
        return rows[0][0] if rows else None

    def save(self) -> None:
        """Puts all that was committed on disk, at once: a process that is killed leaves the database as it was saved last."""
        if self.path is None or not self.writable:
            return
        try:
            self.con.execute("CHECKPOINT")
        except duckdb.Error as error:
            raise StoreError(f"{self.path}: what was done cannot be put on disk: {str(error).splitlines()[0]}") from error

    def memory_bound(self, megabytes: int) -> AbstractContextManager[None]:
        """Lets DuckDB take no more memory than that inside, nor more than its own bound; beyond, it works on disk beside the database."""
        return self.memory.at(self.con, megabytes)

    @contextmanager
    def on_one_thread(self) -> Iterator[None]:
        """Lets DuckDB do its work in the calling thread inside: for small pieces of work, beside other threads that are busy."""
        before = self.value("select current_setting('threads')")
        self.con.execute("SET threads = 1")
        try:
            yield
        finally:
            with suppress(duckdb.Error):  # closed meanwhile
                self.con.execute(f"SET threads = {before}")

    def empty_tables(self) -> set[str]:
        """Tables that have no rows at all. One whose rows were deleted may be missing."""
        query = "select table_name from duckdb_tables() where database_name = current_database() and estimated_size = 0"
        return {name for (name,) in self.query(query).rows}

    def beside(self) -> Store:
        """The same database through a connection of its own, for work side by side; close that connection, not the store."""
        con = self.con.cursor()
        if self.path is not None and self.writable:
            con.execute(f"USE {CATALOGUE}")
        beside = Store(con, self.path, self.writable)
        beside.memory = self.memory
        return beside

    def close(self) -> None:
        """Closes the database; committed work is on disk. Raises StoreError where that fails."""
        try:
            self.save()
        finally:
            self.con.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.close()
            return
        with suppress(StoreError):  # what went wrong first is what is told
            self.close()


@contextmanager
def all_or_nothing(con: duckdb.DuckDBPyConnection, begin: str = "BEGIN TRANSACTION") -> Iterator[None]:
    """A transaction: an exception, Ctrl-C at any moment included, takes back what was done inside."""
    try:
        con.execute(begin)
        yield
        con.execute("COMMIT")
    except BaseException:
        # A COMMIT that was interrupted has taken everything back itself.
        with suppress(duckdb.TransactionException):
            con.execute("ROLLBACK")
        raise


def open_store(path: Path, write: bool) -> Store:
    """Opens the database at `path`; `write` makes it if it is not there. Raises StoreError in one sentence.

    Read-only stores cannot touch other files: external access is off, and the configuration is locked.
    """
    exists = path.exists()
    if not exists and not write:
        raise StoreError(f"{path}: there is no such database", hint="run 'siplens ingest FILE' first, or name one with --db")
    if path.is_dir():
        raise StoreError(f"{path}: is a folder; a database file was expected")
    if exists and path.stat().st_size == 0:
        path.unlink()  # DuckDB refuses an empty file that mktemp made; there is nothing in it to lose
        exists = False
    store = Store(_connect(path, write), path, write)
    try:
        made_by = _made_by(store) if exists else None
        # A kill while the database was made leaves a file without tables: it is made then.
        if not exists or (write and made_by is None and _is_bare(store)):
            _create(store)
        else:
            _check_version(store, made_by)
    except BaseException:
        store.con.close()
        raise
    return store


def new_database(path: Path, blank: bytes) -> Store:
    """Makes the database at `path` as a copy of a blank one, `blank` being that one's file, and opens it for writing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_unfinished(path)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.new")
    unfinished.write_bytes(blank)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)  # of another database that was here: DuckDB would take it for this one's
    try:
        _place(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    store = open_store(path, write=True)
    store.con.execute("UPDATE store_info SET created_at = ?, created_by = ?", [_now(), __version__])
    return store


def _remove_unfinished(path: Path) -> None:
    """Removes copies that a process was killed over: to write one takes milliseconds, these are an hour old."""
    for left in path.parent.glob(f"{glob.escape(path.name)}.*.new"):
        process = left.name.removeprefix(f"{path.name}.").removesuffix(".new")
        with suppress(OSError):
            if process.isdecimal() and time.time() - left.stat().st_mtime > _UNFINISHED_S:
                left.unlink()


def _place(unfinished: Path, path: Path) -> None:
    """Give a finished file its name, unless another process was faster."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        if not path.stat().st_size:
            unfinished.replace(path)
    except OSError:  # a file system without links
        unfinished.replace(path)


def memory_store() -> Store:
    """An empty database in memory, for tests and for one-off work."""
    store = Store(duckdb.connect(":memory:"), None, writable=True)
    _create(store)
    return store


def _connect(path: Path, write: bool) -> duckdb.DuckDBPyConnection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if write:
            return _attached(path)
        settings: dict[str, Any] = {
            "python_enable_replacements": False,
            "enable_external_access": False,
            "autoinstall_known_extensions": False,
            "max_temp_directory_size": MOST_SPILLED,  # a question that asks for too much must not fill the disk
        }
        con = duckdb.connect(str(path), read_only=True, config=settings)
    except (duckdb.Error, OSError) as error:
        raise _cannot_open(path, str(error)) from error
    con.execute("SET lock_configuration = true")
    return con


def _attached(path: Path) -> duckdb.DuckDBPyConnection:
    """A database for writing, without a log of its changes beside it: what was committed is on disk after `Store.save` or `close`.

    Until then the file is as it was, whatever becomes of the process. Each commit into a log would wait for the disk, and
    everything would be written twice.
    """
    con = duckdb.connect(":memory:")
    try:
        con.execute(f"ATTACH {quoted(str(path))} AS {CATALOGUE} (RECOVERY_MODE no_wal_writes, ROW_GROUP_SIZE {ROW_GROUP})")
        con.execute(f"USE {CATALOGUE}")
        # Nobody else has the database open: what lies there is of a process that was killed.
        shutil.rmtree(f"{path}.tmp", ignore_errors=True)
        con.execute(f"SET temp_directory = {quoted(f'{path}.tmp')}")  # DuckDB's own would be in the folder where the user stands
    except BaseException:
        con.close()
        raise
    return con


def _cannot_open(path: Path, words: str) -> StoreError:
    holder = re.search(r"PID (\d+)", words)
    if "already attached" in words:
        return StoreError(f"{path}: the database is in use by this very process", hint="close it there first")
    if "lock" in words.lower() or "being used by another process" in words:
        who = f"process {holder[1]}" if holder else "another process"
        return StoreError(f"{path}: the database is in use by {who}", hint="wait until it has finished, or stop it, and run this again")
    if "not a valid DuckDB" in words or "No magic bytes" in words or "magic" in words:
        return StoreError(f"{path}: is not a siplens database", hint="name the database with --db; captures go to 'siplens ingest'")
    return StoreError(f"{path}: the database cannot be opened: {words.splitlines()[0]}")


def _create(store: Store) -> None:
    con = store.con
    con.execute("BEGIN TRANSACTION")
    for statement in create_statements():
        con.execute(statement)
    con.execute(_OWN_TABLES.read_text(encoding="utf-8"))
    con.execute("INSERT INTO store_info VALUES (?, ?, ?, 0, NULL, NULL)", [SCHEMA_VERSION, __version__, _now()])
    con.execute("COMMIT")


def _is_bare(store: Store) -> bool:
    # Asking DuckDB for its tables has it look at the rows of each: only where there is no other way to know.
    return not store.value("select count(*) from duckdb_tables()")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def _made_by(store: Store) -> tuple[int, str] | None:
    """The schema version of a database and the siplens that made it; None where it was not siplens."""
    with suppress(QueryError, IndexError):
        version, maker = store.query("select schema_version, created_by from store_info").rows[0]
        return version, maker
    return None


def _check_version(store: Store, made_by: tuple[int, str] | None) -> None:
    if made_by is None:
        raise StoreError(f"{store.path}: is a DuckDB database, but siplens did not make it", hint="name another with --db")
    version, maker = made_by
    if version != SCHEMA_VERSION:
        raise StoreError(
            f"{store.path}: has schema version {version} (made by siplens {maker}); this siplens reads version {SCHEMA_VERSION}",
            hint="ingest the captures into a new database",
        )
