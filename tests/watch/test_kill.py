"""A watch killed at any moment and started again ends with the rows of one clean ingest. SIPLENS_KILLS=200 sweeps wider.

The moments are of chance, but the same in each run: uses of the database, from one of the day's pieces on. Nothing here waits.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import random
from pathlib import Path

from one_life import live
from simulated_day import pieces

from siplens.pipeline.blank import open_writable
from siplens.pipeline.growth import file_sha256
from siplens.pipeline.ingest import ingest_paths
from siplens.rules import judge
from siplens.store import open_store

from ..stored_rows import derived_rows, raw_rows

KILLS = int(os.environ.get("SIPLENS_KILLS", "20"))
SEED = int(os.environ.get("SIPLENS_SEED", "8"))


def test_twenty_kills_change_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "arriving"
    folder.mkdir()
    chance = random.Random(SEED)
    day = pieces(SEED, calls=16, ring_frames=150)
    (tmp_path / "day").write_bytes(pickle.dumps(day))
    (tmp_path / "reached").write_text("0")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["siplens.watch.watcher", "siplens.capture.reader", "siplens.rules"])
    for life in range(KILLS):
        armed_at = int(len(day) * 0.9 * (life + chance.random()) / KILLS)
        armed_at = max(armed_at, int((tmp_path / "reached").read_text()))
        watcher = context.Process(target=live, args=(tmp_path, armed_at, chance.randint(1, 150)), kwargs={"judges": life % 4 == 3})
        watcher.start()
        watcher.join()
        assert watcher.exitcode == -9, "it was to be killed"
    live(tmp_path, None, 0)

    with open_store(tmp_path / "watched.duckdb", write=False) as watched, open_writable(tmp_path / "clean.duckdb") as clean:
        assert all(file.error is None for file in ingest_paths(clean, [str(folder)]))
        judge(clean)
        read = {sha256 for (sha256,) in watched.query("select sha256 from source").rows}
        assert read == {file_sha256(path) for path in folder.iterdir()}, "each file is there once, and no half of any"
        wanted, found = raw_rows(clean), raw_rows(watched)
        assert {name: len(rows) for name, rows in found.items()} == {name: len(rows) for name, rows in wanted.items()}
        assert found == wanted
        assert derived_rows(watched) == derived_rows(clean)
        assert watched.query("select path, size_bytes, modified_ns from watched_file group by all having count(*) > 1").rows == []
        assert watched.value("select count(*) from call where len(sources) > 1") >= 5, "the day should hold calls that span files"
        whole = "select count(*) from message where call_id like 'cut-%' and body_bytes > 300"
        assert watched.value(whole) >= 5, "the day should hold messages that span files"
