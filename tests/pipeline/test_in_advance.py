"""What is read in advance of its turn changes no row: every table is, number for number, that of one file after another."""

from __future__ import annotations

import gzip
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from siplens.pipeline import ingest as ingest_module
from siplens.pipeline.blank import open_writable
from siplens.pipeline.derive import ensure_derived
from siplens.pipeline.foresight import Foresight
from siplens.pipeline.in_advance import DECODED_FILES, InAdvance
from siplens.pipeline.ingest import ingest_paths
from siplens.pipeline.one_file import IngestedFile
from siplens.pipeline.recognise import ReadOptions
from siplens.pipeline.rolled import in_order
from siplens.pipeline.under_way import UnderWay
from siplens.pipeline.unpack import FoundFile
from siplens.records import TABLES
from siplens.resources import shipped_folder
from siplens.store import Store, memory_store

from .test_joined import ring, rolled

SAMPLES = shipped_folder("sample_traces")
DERIVED = ("leg", "dialog", "transaction", "call", "call_flow", "bypass_assessment")


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All rows of raw and derived tables with all our numbers; not the moment of ingest, nor the states, which hold a random seed."""
    ensure_derived(store)
    found = {name: store.query(f'select * {_without(name)} from "{name}" order by all').rows for name in [*TABLES, *DERIVED]}
    found["file_end"] = store.query("select * exclude (state), state is null from file_end order by all").rows
    found["kept in this order"] = store.query("select message_id from message").rows
    found["store"] = store.query("select changes from store_info").rows
    return found


def _without(table: str) -> str:
    return "exclude (ingested_at)" if table == "source" else ""


def outcomes(files: list[IngestedFile]) -> list[tuple[object, ...]]:
    return [(f.path, f.format, f.source_id, f.known, f.rows, f.warnings, f.error and f.error.message) for f in files]


@contextmanager
def nothing_in_advance(*_: object) -> Iterator[None]:
    yield None


def rolled_here(folder: Path) -> list[Path]:
    folder.mkdir()
    return rolled(folder)


def files_of_all_kinds(folder: Path) -> list[Path]:
    """A ring out of order and a log that was rolled, among others; copies, parts, packed ones, some that nobody can read."""
    (folder / "ring").mkdir()
    parts, logs = ring(folder / "ring"), rolled_here(folder / "logs")
    capture, other = SAMPLES / "bypassed" / "capture.pcap", SAMPLES / "forked_accepted" / "capture.pcap"
    part = folder / "growing.pcap"
    part.write_bytes(other.read_bytes()[:-300])
    (folder / "empty.pcap").write_bytes(b"")
    (folder / "notes.txt").write_text("Dear all, the gateway was replaced.\n")
    (folder / "damaged.pcap").write_bytes(capture.read_bytes()[:4000] + b"\xff" * 400)
    with gzip.open(folder / "packed.pcap.gz", "wb") as file:
        file.write((SAMPLES / "expected_but_mediated" / "capture.pcap").read_bytes())
    with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
        archive.write(SAMPLES / "direct_media_refused" / "capture.pcap", "trunk.pcap")
        archive.write(capture, "copy.pcap")
    shutil.copy(capture, folder / "a copy")
    names = ("empty.pcap", "notes.txt", "damaged.pcap", "packed.pcap.gz", "archive.zip", "a copy", "missing.pcap")
    others = [folder / name for name in names]
    return [parts[2], part, capture, others[0], parts[0], logs[1], *others[1:], parts[3], parts[1], other, logs[0], logs[2], capture]


@pytest.mark.parametrize("before", [0, 3])
def test_rows_and_outcomes_are_those_of_one_file_after_another(tmp_path: Path, before: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """before: so many files are known already, some of them parts of rings and of logs whose neighbours come now."""
    paths = [str(path) for path in files_of_all_kinds(tmp_path)]
    results = []
    for _ in range(2):
        with memory_store() as store:
            for path in paths[:before]:
                list(ingest_paths(store, [path]))
            results.append((outcomes(list(ingest_paths(store, paths))), everything(store)))
        monkeypatch.setattr(ingest_module, "_in_advance", nothing_in_advance)
    (found, rows), (wanted, wanted_rows) = results
    assert found == wanted
    assert len([outcome for outcome in found if outcome[-1]]) >= 3, "some should be unreadable"
    for table, expected in wanted_rows.items():
        assert rows[table] == expected, table


def test_the_head_start_of_a_command_line_changes_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ring").mkdir()
    paths = [*ring(tmp_path / "ring")[::-1], *rolled_here(tmp_path / "logs"), SAMPLES / "bypassed" / "capture.pcap"]
    results = []
    for early in (InAdvance(paths), None):
        if early:
            early.decode_first(ReadOptions())
        with memory_store() as store:
            results.append((outcomes(list(ingest_paths(store, [str(path) for path in paths], early=early))), everything(store)))
        monkeypatch.setattr(ingest_module, "_in_advance", nothing_in_advance)
    assert results[0] == results[1]


def test_files_of_a_ring_are_joined_before_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each goes on with what the one before left, though the database does not have it yet: nothing is decoded twice."""
    paths = ring(tmp_path)
    fitting = []
    fits = ingest_module.fits
    monkeypatch.setattr(ingest_module, "fits", lambda *asked: fitting.append(fits(*asked)) or fitting[-1])
    with memory_store() as store:
        list(ingest_paths(store, [str(path) for path in paths]))
        assert store.query("select source_id, clock_hz from media_flow order by all").rows == [(n, 48_000) for n in (1, 2, 3, 4)]
    assert fitting == [True] * 4


def test_what_was_foreseen_wrongly_is_decoded_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second file is decoded as if the first were not there, then its turn comes."""
    from siplens.capture import new_seam

    paths = ring(tmp_path)
    monkeypatch.setattr(Foresight, "_seam", lambda self, turn, earlier: new_seam())
    with memory_store() as store:
        list(ingest_paths(store, [str(path) for path in paths]))
        assert store.query("select distinct clock_hz from media_flow").rows == [(48_000,)]


def test_a_file_that_is_written_to_before_its_turn_is_read_when_it_comes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.pcap", tmp_path / "b.pcap"
    shutil.copy(SAMPLES / "bypassed" / "capture.pcap", first)
    second.write_bytes((whole := (SAMPLES / "forked_accepted" / "capture.pcap").read_bytes())[:-300])
    with memory_store() as store:
        reading = ingest_paths(store, [str(first), str(second)])
        next(reading)
        second.write_bytes(whole)
        assert [file.error for file in reading] == [None]
        assert store.value("select size_bytes from source where path = ?", [str(second)]) == len(whole)


def test_little_is_decoded_in_advance_and_nothing_after_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / f"{chr(97 + place)}.pcap" for place in range(20)]
    content = (SAMPLES / "bypassed" / "capture.pcap").read_bytes()
    for place, path in enumerate(paths):
        path.write_bytes(content + content[24 : 24 + place])
    begun: list[Path] = []
    begin = UnderWay.begin
    monkeypatch.setattr(UnderWay, "begin", lambda self, *told, **more: (begun.append(self.path), begin(self, *told, **more))[1])
    advance = InAdvance(paths)
    with memory_store() as store:
        advance.decode(store, in_order([FoundFile(path, str(path), True) for path in paths], ReadOptions()), ReadOptions())
        for place, path in enumerate(paths[:10]):
            under_way = advance.take(path)
            assert under_way is not None
            assert under_way.digest.result().size == len(content) + place
            assert place + 1 <= len(begun) <= place + 1 + DECODED_FILES
            under_way.close()
        assert advance.take(paths[3]) is None, "its turn is over"
        advance.close()
        assert len(begun) < len(paths)


def test_a_kill_amid_many_files_leaves_whole_ones_only(tmp_path: Path) -> None:
    paths = [str(path) for path in sorted(SAMPLES.glob("*/capture.pcap*"))[:6]]
    script = """
import os, signal, sys
from pathlib import Path
from siplens.pipeline import one_file
from siplens.pipeline.ingest import ingest_paths
from siplens.pipeline.blank import open_writable
whole = one_file.write_source
def dies(store, source_id, *rest):
    whole(store, source_id, *rest)
    if source_id == 4:
        os.kill(os.getpid(), signal.SIGKILL)
one_file.write_source = dies
with open_writable(Path(sys.argv[1])) as store:
    for _ in ingest_paths(store, sys.argv[2:]):
        store.save()
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "killed.duckdb"), *paths], check=False)
    assert done.returncode == -signal.SIGKILL
    with open_writable(tmp_path / "killed.duckdb") as store, open_writable(tmp_path / "clean.duckdb") as clean:
        assert store.query("select path from source order by source_id").rows == [(path,) for path in paths[:3]]
        assert store.value("select count(*) from message where source_id not in (select source_id from source)") == 0
        assert [file.known for file in ingest_paths(store, paths)] == [True] * 3 + [False] * 3
        list(ingest_paths(clean, paths))
        assert store.value("select count(*) from message") == clean.value("select count(*) from message")
