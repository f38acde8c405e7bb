"""A watch killed at any moment and started again ends with the rows of one clean ingest. SIPLENS_KILLS=200 sweeps wider."""

from __future__ import annotations

import multiprocessing
import os
import random
import threading
import time
from pathlib import Path

from simulated_day import pieces, play

from siplens.pipeline.ingest import file_sha256, ingest_paths
from siplens.records import CONFIGURATION_TABLES, TABLES
from siplens.rules import judge
from siplens.store import Store, open_store
from siplens.watch import WatchOptions, watch

KILLS = int(os.environ.get("SIPLENS_KILLS", "20"))
SEED = int(os.environ.get("SIPLENS_SEED", "8"))


def raw_rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All raw rows, without what depends on the order of ingest: our numbers, and which observation counts as the copy."""
    left_out = ["source_id", "path", "label", "ingested_at", "clock_offset_ms", "same_as", "is_duplicate"]
    found = {}
    for table in TABLES.values():
        if table in CONFIGURATION_TABLES:
            continue
        columns = store.query(f"select column_name from duckdb_columns() where table_name = '{table.name}'").rows
        kept = ", ".join(f'r."{name}"' for (name,) in columns if name not in (*left_out, table.row_id, "message_id"))
        number = f'r."{table.row_id or "source_id"}" % (1::bigint << 32)' if table.row_id else "0"
        found[table.name] = store.query(
            f'select s.sha256, {number} as ordinal, {kept} from "{table.name}" as r join source as s using (source_id) order by all'
        ).rows
    return found


def derived_rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """What the files mean: calls and findings, known by fingerprint."""
    return {
        "call": store.query("select * exclude (call_no, sources, client_leg_id, peer_leg_id, other_leg_id) from call order by all").rows,
        "finding": store.query("select fingerprint, rule_id, status, reason from finding where resolved_at is null order by all").rows,
    }


def test_twenty_kills_change_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "arriving"
    folder.mkdir()
    chance = random.Random(SEED)
    day = pieces(SEED, calls=30, ring_frames=150)
    lives = [chance.uniform(0.05, 1.0) for _ in range(KILLS)]
    writer = threading.Thread(target=play, args=(day, folder, 0.8 * sum(lives)))
    options = WatchOptions(db=tmp_path / "watched.duckdb", folders=(folder,), settle_s=0.4, poll_s=0.05)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["siplens.watch", "siplens.capture.reader"])
    writer.start()
    for life in lives:
        watcher = context.Process(target=watch, args=(options,))
        watcher.start()
        time.sleep(life)
        watcher.kill()
        watcher.join()
        assert watcher.exitcode == -9, "the watch ended by itself"
    writer.join()
    lines: list[str] = []
    watch(options, lines.append, until_idle=True)

    by_hash = {file_sha256(path): path for path in folder.iterdir()}
    with open_store(options.db, write=False) as watched, open_store(tmp_path / "clean.duckdb", write=True) as clean:
        # In the same order: the source read first is the clock that the others are set by.
        order = [by_hash[sha256] for (sha256,) in watched.query("select sha256 from source order by source_id").rows]
        assert sorted(order) == sorted(folder.iterdir()), "each file is there once, and no half of any"
        # One by one, as a watch reads them: within one command, a ring's announcements and streams go on from file to file.
        assert all(file.error is None for path in order for file in ingest_paths(clean, [str(path)]))
        judge(clean)
        wanted, found = raw_rows(clean), raw_rows(watched)
        assert {name: len(rows) for name, rows in found.items()} == {name: len(rows) for name, rows in wanted.items()}
        assert found == wanted
        assert derived_rows(watched) == derived_rows(clean)
        read_twice = watched.query("select path, size_bytes, modified_ns from watched_file group by all having count(*) > 1").rows
        assert read_twice == []
        spanning = watched.value("select count(*) from call where len(sources) > 1")
        assert spanning >= 5, "the day should hold calls that span files"
