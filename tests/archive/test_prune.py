"""Pruning drops raw rows of old calls, gives the space back, and keeps what was found."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from siplens.archive.prune import cut_for, prune
from siplens.cli.app import main
from siplens.errors import StoreError
from siplens.pipeline.ingest import ingest_paths
from siplens.resources import shipped_folder
from siplens.rules import judge
from siplens.store import Store, open_store

FORKED = shipped_folder("sample_traces") / "forked_cancelled" / "capture.pcap"
THE_9TH = dt.datetime(2026, 3, 9)


def standing(store: Store) -> list[tuple[object, ...]]:
    query = "select rule_id, status, fingerprint, reason from finding where resolved_at is null and status = 'fail' order by all"
    return store.query(query).rows


def rates(store: Store) -> list[tuple[object, ...]]:
    """Of the days of the calls; a peer, which has no day, is counted anew on the day of each run."""
    return store.query("select * from daily_rate where day < '2026-04-01' order by all").rows


@pytest.fixture(scope="module")
def before_and_after(two_days: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    after = Path(shutil.copy(two_days, tmp_path_factory.mktemp("pruned") / "after.duckdb"))
    pruned = prune(after, THE_9TH)
    assert (pruned.calls_dropped, pruned.rows_dropped > 70) == (4, True)
    return two_days, after


def test_raw_rows_of_old_calls_are_gone_and_the_rest_is_as_it_was(before_and_after: tuple[Path, Path]) -> None:
    before, after = before_and_after
    with open_store(before, write=False) as old, open_store(after, write=False) as new:
        for table in ("message", "media_flow", "rtcp_report", "sdp_media"):
            kept = f"select * from {table} where source_id > 1 order by all"
            assert new.query(f"select * from {table} order by all").rows == old.query(kept).rows
        assert new.query("select * from call order by all").rows == old.query("select * from call where call_no > 4 order by all").rows
        for table in ("source", "config_snapshot", "gateway", "rule_run", "rule_count"):
            assert new.query(f"select * from {table} order by all").rows == old.query(f"select * from {table} order by all").rows


def test_findings_and_daily_figures_stay_also_when_judged_again(before_and_after: tuple[Path, Path], tmp_path: Path) -> None:
    before, after = before_and_after
    again = Path(shutil.copy(after, tmp_path / "again.duckdb"))
    with open_store(before, write=False) as old, open_store(again, write=True) as new:
        assert standing(new) == standing(old)
        assert rates(new) == rates(old)
        judge(new)
        assert standing(new) == standing(old)
        assert rates(new) == rates(old)


def test_a_file_is_known_after_its_rows_are_gone(before_and_after: tuple[Path, Path], tmp_path: Path) -> None:
    again = Path(shutil.copy(before_and_after[1], tmp_path / "again.duckdb"))
    other = shipped_folder("sample_traces") / "bypassed" / "capture.pcap"
    with open_store(again, write=True) as store:
        [known, new] = ingest_paths(store, [str(FORKED), str(other)])
        assert known.known
        assert new.source_id == 6, "numbers go on: the configuration was 5"


def test_a_call_that_reaches_into_the_day_is_kept_whole(own: Path) -> None:
    with open_store(own, write=True) as store:
        began, ended = store.query("select started_ts, coalesce(ended_ts, answered_ts) from call where call_no = 3").rows[0]
        messages = store.value("select messages from call where call_no = 3")
    prune(own, began + (ended - began) / 2)
    with open_store(own, write=False) as store:
        assert store.value("select messages from call where call_no = 3") == messages
        assert store.query("select call_no from call where call_no < 5 order by 1").rows == [(3,), (4,)]


def test_the_file_really_shrinks(tmp_path: Path) -> None:
    from siplens.store.writer import transaction

    database = tmp_path / "big.duckdb"
    with open_store(database, write=True) as store:
        list(ingest_paths(store, [str(FORKED)]))
        with transaction(store):
            store.con.execute(
                "INSERT INTO message BY NAME SELECT m.* REPLACE (m.message_id + 1000 + n AS message_id, 'x' || n AS call_id) "
                "FROM message AS m, range(2000) AS t(n) WHERE m.message_id = (select min(message_id) from message)"
            )
    pruned = prune(database, THE_9TH)
    assert pruned.rows_dropped >= 2000
    assert database.stat().st_size == pruned.bytes_after < pruned.bytes_before
    assert prune(database, THE_9TH).rows_dropped == 0


def test_while_others_write_it_is_refused_or_waits(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from siplens.archive import prune as module

    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    script = "import sys, time; from siplens.store import open_store; from pathlib import Path\n"
    script += "with open_store(Path(sys.argv[1]), write=True): print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", script, str(own)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StoreError, match="in use by process"):
            prune(own, THE_9TH)
        other.communicate("")
    assert not own.with_name("own.duckdb.pruned").exists()


def test_a_kill_leaves_the_database_as_it_was(own: Path) -> None:
    script = """
import os, sys, datetime as dt
from pathlib import Path
from siplens.archive import prune as module
module.derive = lambda store: os.kill(os.getpid(), 9)
module.prune(Path(sys.argv[1]), dt.datetime(2026, 3, 9))
"""
    content = own.read_bytes()
    assert subprocess.run([sys.executable, "-c", script, str(own)], check=False).returncode == -9
    assert own.read_bytes() == content
    assert prune(own, THE_9TH).calls_dropped == 4


def test_the_command(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prune", "--older-than", "30d", "--dry-run", "--db", str(own)]) == 0
    assert capsys.readouterr().out.startswith("would be: dropped")
    assert main(["prune", "--older-than", "3 fortnights", "--db", str(own)]) == 2
    assert "write it as 90d or 12w" in capsys.readouterr().err
    assert main(["prune", "--older-than", "30d", "--db", str(own)]) == 0
    out = capsys.readouterr().out
    assert "raw rows of 7 calls that ended before" in out
    assert " MB, it has " in out


def test_the_cut_is_the_beginning_of_a_day() -> None:
    assert cut_for(90, dt.datetime(2028, 3, 1, 0, 30, tzinfo=dt.UTC)) == dt.datetime(2027, 12, 2)
