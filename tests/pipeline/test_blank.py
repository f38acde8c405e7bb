"""New databases are copies: what they hold is what the statements make, and filling their tables gives the rows that making them gives."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from siplens import kept
from siplens.errors import StoreError
from siplens.pipeline.blank import open_writable
from siplens.pipeline.derive import derive, is_current
from siplens.pipeline.ingest import ingest_paths
from siplens.pipeline.steps import refill
from siplens.resources import shipped_folder
from siplens.store import Store, open_store

CAPTURE = shipped_folder("sample_traces") / "direct_media_refused" / "capture.pcap"

CATALOGUE = """
select table_name, column_name, data_type, duckdb_columns.comment, duckdb_tables.comment
from duckdb_columns() left join duckdb_tables() using (table_name)
where not duckdb_columns.internal
order by all
"""


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All tables' rows, without what tells of the run itself."""
    names = [row[0] for row in store.query("select table_name from duckdb_tables() order by all").rows]
    # The state at a file's end is hash tables with a seed of chance.
    kept_out = {"source": "exclude (ingested_at)", "store_info": "exclude (created_at)", "file_end": "exclude (state)"}
    return {name: store.query(f'select * {kept_out.get(name, "")} from "{name}" order by all').rows for name in names}


def test_a_new_database_holds_what_the_statements_make(tmp_path: Path) -> None:
    with open_writable(tmp_path / "copied.duckdb") as copied, open_store(tmp_path / "made.duckdb", write=True) as made:
        derive(made)
        assert is_current(copied)
        assert copied.query(CATALOGUE).rows == made.query(CATALOGUE).rows
        assert copied.value("select created_at > now()::timestamp - interval 1 minute from store_info")


def test_tables_that_stand_are_filled_with_the_same_rows(tmp_path: Path) -> None:
    with open_writable(tmp_path / "copied.duckdb") as copied, open_store(tmp_path / "made.duckdb", write=True) as made:
        for store in (copied, made):
            assert [file.error for file in ingest_paths(store, [str(CAPTURE)])] == [None]
            derive(store)
        assert copied.value("select count(*) from call") == 2
        assert rows(copied) == rows(made)
        derive(copied)
        assert rows(copied) == rows(made), "a second time, too"
        assert copied.query(CATALOGUE).rows == made.query(CATALOGUE).rows


def test_what_a_killed_process_left_beside_a_new_database_goes_after_an_hour(tmp_path: Path) -> None:
    old = time.time() - 3700
    for name, time_of in (("c.duckdb.7.new", old), ("c.duckdb.8.new", time.time()), ("c.duckdb.mine.new", old), ("d.duckdb.7.new", old)):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time_of, time_of))
    open_writable(tmp_path / "c.duckdb").close()
    assert sorted(path.name for path in tmp_path.glob("*.new")) == ["c.duckdb.8.new", "c.duckdb.mine.new", "d.duckdb.7.new"]


def test_a_damaged_blank_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    kept.keep(tmp_path, "blank-0.duckdb", b"older", made_of=[], loaded=0)
    for _ in range(2):
        with open_writable(tmp_path / "new.duckdb") as store:
            assert store.value("select count(*) from call") == 0
        (blank,) = tmp_path.glob("blank-*.duckdb")
        content = blank.read_bytes()
        blank.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        (tmp_path / "new.duckdb").unlink()


def test_another_databases_log_is_not_taken_for_the_new_ones(tmp_path: Path) -> None:
    path = tmp_path / "new.duckdb"
    path.with_name("new.duckdb.wal").write_bytes(b"left by a process that was killed")
    with open_writable(path) as store:
        assert store.value("select changes from store_info") == 0


def test_what_is_no_database_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.duckdb"
    path.write_text("not a database")
    with pytest.raises(StoreError, match="is not a siplens database"):
        open_writable(path)
    assert path.read_text() == "not a database"
    with pytest.raises(StoreError, match="is a folder"):
        open_writable(tmp_path)


@pytest.mark.parametrize(
    ("step", "remains"),
    [
        ("/* One row. */\ncreate or replace table a as\nselect 1 as b;\n\ncomment on table a is 'x';\n",
         ("a", "/* One row. */\ninsert into a\nselect 1 as b;\n", "")),
        ("/* Rows. */\n-- needs: c where d\ncreate or replace table a as\nfrom c where d;\n",
         ("a", "/* Rows. */\n-- needs: c where d\ninsert into a\nfrom c where d;\n", "c where d")),
        ("create or replace view a as\nselect 1 as b;\n\ncomment on view a is 'x';\n", ("", "", "")),
        ("create table if not exists a (b int);\n", ("", "", "")),
        ("/* Marks. */\nupdate a set b = 2;\n", ("", "/* Marks. */\nupdate a set b = 2;\n", "")),
    ],
)  # fmt: skip
def test_a_step_without_what_stands(step: str, remains: tuple[str, str, str]) -> None:
    assert refill(step) == remains
