"""The database file: made once, opened read-only by many, refused with a sentence when it is not ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from siplens.errors import QueryError, StoreError
from siplens.records import TABLES
from siplens.store import Store, memory_store, open_store
from siplens.store.writer import numeric_form, transaction


def test_every_raw_table_is_there_with_a_comment_for_each_column() -> None:
    with memory_store() as store:
        undocumented = store.query("select table_name, column_name from duckdb_columns() where not internal and comment is null").rows
        tables = {row[0] for row in store.query("select table_name from duckdb_tables()").rows}
    assert undocumented == []
    assert set(TABLES) <= tables


def test_a_second_opening_finds_what_the_first_wrote(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.duckdb"
    with open_store(path, write=True) as store:
        store.con.execute("insert into call_number values ('abc', 7)")
    with open_store(path, write=False) as store:
        assert store.query("select * from call_number").rows == [("abc", 7)]


def test_a_read_only_store_reads_no_files_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    open_store(path, write=True).close()
    with open_store(path, write=False) as store:
        for attempt in (
            f"select * from read_csv('{secret}')",
            f"copy call_number to '{tmp_path / 'out.csv'}'",
            f"attach '{tmp_path / 'other.duckdb'}'",
            "insert into call_number values ('x', 1)",
            "set enable_external_access = true",
        ):
            with pytest.raises(QueryError):
                store.query(attempt)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"this is a text, not a database", "is not a siplens database"),
        (None, "there is no such database"),
    ],
    ids=["text file", "missing file"],
)
def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "x.duckdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError, match=sentence):
        open_store(path, write=False)


def test_a_folder_and_a_foreign_database_are_refused(tmp_path: Path) -> None:
    import duckdb

    with pytest.raises(StoreError, match="is a folder"):
        open_store(tmp_path, write=True)
    foreign = tmp_path / "foreign.duckdb"
    duckdb.connect(str(foreign)).execute("create table t (x int)").close()
    with pytest.raises(StoreError, match="siplens did not make it"):
        open_store(foreign, write=True)


def test_another_schema_version_is_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    with open_store(path, write=True) as store:
        store.con.execute("update store_info set schema_version = 0")
    with pytest.raises(StoreError, match="has schema version 0") as refused:
        open_store(path, write=False)
    assert refused.value.hint


def test_a_locked_database_names_the_process(tmp_path: Path) -> None:
    path = tmp_path / "busy.duckdb"
    open_store(path, write=True).close()
    holding = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", holding, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreError, match=f"in use by process {holder.pid}"):
            open_store(path, write=True)
        holder.communicate("")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("10.2.0.20", "00000000000000000000ffff0a020014"),
        ("2001:db8::1", "20010db8000000000000000000000001"),
        ("fe80::1%eth0", "fe800000000000000000000000000001"),
        ("gw1.contoso.com", None),
        ("", None),
    ],
)
def test_numeric_form_of_an_address(text: str, digits: str | None) -> None:
    form = numeric_form(text)
    assert (form[1] if form else None) == digits


def test_memory_is_bounded_for_a_while_and_never_beyond_its_own_bound() -> None:
    def mebibytes(store: Store) -> float:
        number, unit = store.value("select current_setting('memory_limit')").split()
        return float(number) * {"MiB": 1, "GiB": 1024}[unit]

    with memory_store() as store:
        store.con.execute("set memory_limit = '600MB'")
        own = mebibytes(store)
        with store.memory_bound(100):
            assert 90 < mebibytes(store) < 96
            with store.memory_bound(5_000):
                assert 90 < mebibytes(store) < 96
        assert mebibytes(store) == pytest.approx(own, rel=0.01), "DuckDB tells it rounded"


def test_a_question_cannot_fill_the_disk(tmp_path: Path) -> None:
    with open_store(tmp_path / "calls.duckdb", write=True):
        pass
    with open_store(tmp_path / "calls.duckdb", write=False) as store:
        assert store.value("select current_setting('max_temp_directory_size')") == "7.4 GiB"


def test_what_does_not_fit_into_memory_goes_to_disk_beside_the_database(tmp_path: Path) -> None:
    path = tmp_path / "it's" / "calls.duckdb"
    path.parent.mkdir()
    with open_store(path, write=True) as store:
        assert store.value("select current_setting('temp_directory')") == f"{path}.tmp"


@pytest.mark.parametrize("amid", ["BEGIN TRANSACTION", "COMMIT", "insert"])
def test_who_is_interrupted_at_any_moment_leaves_no_transaction_open(tmp_path: Path, amid: str) -> None:
    """An interrupted COMMIT takes all back itself; a Ctrl-C may also come just after a statement was done."""

    class Interrupted:
        def __init__(self, con: Any) -> None:
            self.con = con

        def execute(self, statement: str, *rest: Any) -> Any:
            if statement == amid == "COMMIT":
                self.con.execute("ROLLBACK")
                raise RuntimeError("Query interrupted")
            done = self.con.execute(statement, *rest)
            if statement.startswith(amid):
                raise KeyboardInterrupt
            return done

        def __getattr__(self, name: str) -> Any:
            return getattr(self.con, name)

    with open_store(tmp_path / "a.duckdb", write=True) as store:
        with transaction(store):
            store.con.execute("insert into past_figure values ('2026-03-01', 'all', 'all calls', 'answered', 1, 1, 0)")
        con, store.con = store.con, Interrupted(store.con)  # type: ignore[assignment]
        with pytest.raises((KeyboardInterrupt, RuntimeError)), transaction(store):
            store.con.execute("insert into past_figure values ('2026-03-02', 'all', 'all calls', 'answered', 1, 1, 0)")
        store.con = con
    with open_store(tmp_path / "a.duckdb", write=False) as store:
        assert store.value("select count(*) from past_figure") == 1, "what was done before is kept"
