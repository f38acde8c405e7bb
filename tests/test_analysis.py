"""siplens in a notebook: a database opened from Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import siplens
from siplens.cli.app import main
from siplens.errors import QueryError, SiplensError, StoreError
from siplens.resources import shipped_folder


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("notebook") / "calls.duckdb"
    assert main(["ingest", str(shipped_folder("sample_traces") / "forked_cancelled" / "capture.pcap"), "--db", str(path)]) == 0
    return path


def test_sql_gives_relations(database: Path) -> None:
    with siplens.open(database) as db:
        assert db.sql("select count(*) from call").fetchall() == [(4,)]
        assert db.sql("select early_dialogs from call where outcome = $how order by all", {"how": "answered"}).fetchall() == [(2,)]
        assert db.sql("select 1 as one").to_arrow_table().to_pylist() == [{"one": 1}]


def test_calls_take_the_words_of_the_command_line(database: Path) -> None:
    with siplens.open(database) as db:
        assert [row[0] for row in db.calls("early_dialogs > 2").select("early_dialogs").fetchall()] == [5, 3]


def test_the_cookbook_is_at_hand(database: Path) -> None:
    with siplens.open(str(database)) as db:
        assert [row[4] for row in db.sql("@most_early_dialogs").fetchall()][:2] == [5, 3]
        assert {("call",), ("bypass_assessment",)} <= set(db.tables().select("table_name").fetchall())
        assert repr(db) == f"siplens.open('{database}')"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("selec 1", "syntax error"),
        ("select nope from call", "nope"),
        ("create table x (y int)", "read-only"),
        ("select * from 'x.csv'", "disabled by configuration"),
    ],
)
def test_it_can_only_read(database: Path, statement: str, words: str) -> None:
    with siplens.open(database) as db, pytest.raises(QueryError, match=words):
        db.sql(statement).fetchall()


def test_errors_are_siplens_own(tmp_path: Path, database: Path) -> None:
    with pytest.raises(StoreError, match="there is no such database"):
        siplens.open(tmp_path / "none.duckdb")
    with siplens.open(database) as db, pytest.raises(SiplensError, match="no query @nope"):
        db.sql("@nope")
