"""Archives by day, there and back, and several databases and archives as one."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from archive_rows import fill, portable_rows

from siplens.archive.combine import combined
from siplens.archive.parquet import export_archive
from siplens.archive.prune import prune
from siplens.archive.take import take_archive
from siplens.cli.app import main
from siplens.errors import StoreError
from siplens.rules import judge
from siplens.store import Store, open_store

THE_9TH = dt.datetime(2026, 3, 9)


def judged(store: Store) -> dict[str, list[tuple[object, ...]]]:
    query = "select fingerprint, started_ts, direction, outcome, legs, messages from call order by all"
    findings = "select fingerprint, rule_id, status, reason from finding where resolved_at is null order by all"
    return {"calls": store.query(query).rows, "findings": store.query(findings).rows}


@pytest.fixture(scope="module")
def archive(two_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive") / "archive"
    exported = export_archive(two_days, folder)
    assert exported.days == 3
    assert exported.rows > 200
    assert export_archive(two_days, folder).rows == 0, "exporting again adds nothing"
    return folder


def test_an_archive_is_parquet_by_day_that_any_engine_reads(archive: Path) -> None:
    days = sorted(path.name for path in (archive / "message").iterdir())
    assert days == ["day=2026-03-07", "day=2026-03-09", "day=2026-03-10"]
    found = duckdb.sql(
        f"select day::varchar, count(*) from read_parquet('{archive}/message/*/*.parquet', hive_partitioning=true) group by 1 order by 1"
    )
    assert [row[0] for row in found.fetchall()] == ["2026-03-07", "2026-03-09", "2026-03-10"]


def test_there_and_back(two_days: Path, archive: Path, tmp_path: Path) -> None:
    with open_store(tmp_path / "back.duckdb", write=True) as back, open_store(two_days, write=False) as old:
        assert take_archive(back, archive) > 200
        assert portable_rows(back) == portable_rows(old)
        assert take_archive(back, archive) == 0, "importing again changes nothing"
        judge(back)
        assert judged(back) == judged(old)


def test_pruned_rows_come_back_from_the_archive_and_are_counted_once(own: Path, archive: Path, two_days: Path) -> None:
    prune(own, THE_9TH)
    with open_store(own, write=True) as back, open_store(two_days, write=False) as old:
        take_archive(back, archive)
        judge(back)
        assert portable_rows(back) == portable_rows(old)
        assert judged(back) == judged(old)
        rates = "select * from daily_rate where day < '2026-04-01' order by all"
        assert back.query(rates).rows == old.query(rates).rows


def test_archive_and_live_data_are_asked_together(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Old days in the archive only, new ones in the database only: one query sees both."""
    folder = tmp_path / "archive"
    export_archive(own, folder, before=THE_9TH)
    assert [path.name for path in (folder / "message").iterdir()] == ["day=2026-03-07"]
    prune(own, THE_9TH)
    query = "select started_ts::date as day, count(*) as calls from call group by 1 order by 1"
    assert main(["sql", query, "--db", str(own), "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines() == ["day,calls", "2026-03-09,2", "2026-03-10,1"]
    assert main(["sql", query, "--db", str(own), "--db", str(folder), "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines() == ["day,calls", "2026-03-07,4", "2026-03-09,2", "2026-03-10,1"]


def test_two_servers_make_one_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The front end's log in one database, the gateway's capture in another: their one call has both legs."""
    log = fill(tmp_path / "log.duckdb", "capture_and_log/server.log")
    capture = fill(tmp_path / "capture.duckdb", "capture_and_log/capture.pcapng", "one_way/capture.pcapng")
    with combined([log, capture]) as path, open_store(path, write=False) as store:
        assert store.value("select count(*) from call") == 3
        assert store.query("select max(len(sources)), count(*) filter (where kind = 'config') from call, source").rows[0][0] == 2
        assert store.value("select count(*) from config_snapshot") == 2
    assert main(["calls", "--db", str(log), "--db", str(capture), "--format", "csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert main(["whatif", "--set", "bypass_settings.Enabled=false", "--db", str(log), "--db", str(capture)]) == 0
    assert "of 3 calls would be judged otherwise" in capsys.readouterr().err
    assert main(["calls", "--db", str(log), "--db", str(tmp_path / "gone"), "--format", "csv"]) == 2
    assert "there is no such database and no such archive" in capsys.readouterr().err


def test_a_check_of_several_databases_knows_the_waivers_of_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = fill(tmp_path / "refused.duckdb", "direct_media_refused/capture.pcap")
    other = fill(tmp_path / "other.duckdb", "one_way/capture.pcapng")
    both = ["--db", str(refused), "--db", str(other)]
    assert main(["check", "DMR001", *both]) == 1
    assert main(["waive", "DMR001", "--reason", "known to the vendor", "--db", str(refused)]) == 0
    capsys.readouterr()
    assert main(["check", "DMR001", "--format", "json", *both]) == 0
    assert {row["waived"] for row in json.loads(capsys.readouterr().out) if row["status"] == "fail"} == {True}
    assert main(["check", "--new-only", *both]) == 2
    assert "keep no history of checks" in capsys.readouterr().err


def test_what_is_no_archive_is_said(tmp_path: Path, archive: Path) -> None:
    with open_store(tmp_path / "empty.duckdb", write=True) as store:
        with pytest.raises(StoreError, match="there is no such archive"):
            take_archive(store, tmp_path / "nowhere")
        with pytest.raises(StoreError, match="is a folder, and no archive"):
            take_archive(store, tmp_path)
        old = Path(shutil.copytree(archive, tmp_path / "old"))
        (old / "VERSION").write_text("0\n")
        with pytest.raises(StoreError, match="was made with schema version 0"):
            take_archive(store, old)


def test_the_commands(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, back = tmp_path / "archive", tmp_path / "back.duckdb"
    assert main(["archive", "export", str(folder), "--db", str(own)]) == 0
    assert "3 days" in capsys.readouterr().out
    assert main(["archive", "import", str(folder), "--db", str(back)]) == 0
    assert "rows" in capsys.readouterr().out
    assert main(["archive", "list", str(folder), "--format", "csv"]) == 0
    head, first, *_ = capsys.readouterr().out.splitlines()
    assert head == "day,messages,rtp_streams,log_events,size_bytes"
    assert first.startswith("2026-03-07,72,2,0,")


def test_a_mistake_in_the_name_of_an_archive_makes_no_database(tmp_path: Path) -> None:
    assert main(["archive", "import", str(tmp_path / "nowhere"), "--db", str(tmp_path / "new.duckdb")]) == 2
    assert not (tmp_path / "new.duckdb").exists()
