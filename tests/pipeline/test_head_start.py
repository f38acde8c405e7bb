"""A file that is read while the program is still loading becomes the same rows, and its errors are said as ever."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from siplens.errors import UnreadableFileError
from siplens.pipeline.head_start import begin, head_start
from siplens.pipeline.in_advance import InAdvance
from siplens.pipeline.ingest import ingest_paths
from siplens.pipeline.recognise import ReadOptions
from siplens.pipeline.under_way import UnderWay
from siplens.resources import shipped_folder
from siplens.store import memory_store

from .test_joined import rolled

CASE = shipped_folder("sample_traces") / "capture_and_log"


@pytest.mark.parametrize("name", ["capture.pcap", "mediation.log"])
def test_a_file_under_way_becomes_the_same_rows(name: str) -> None:
    path = next(iter(CASE.glob(name)), None) or next(CASE.glob("*.log"))
    found = []
    for early in (None, InAdvance([path])):
        if early:
            early.decode_first(ReadOptions())
        with memory_store() as store:
            (file,) = ingest_paths(store, [str(path)], early=early)
            assert file.error is None
            found.append((store.query("from message").rows, store.query("select * exclude (ingested_at) from source").rows, file.rows))
    assert found[0] == found[1]


def test_what_goes_wrong_in_the_thread_is_said_by_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "short.pcap"
    path.write_bytes((CASE.parent / "bypassed" / "capture.pcap").read_bytes())
    early = InAdvance([path])
    early.decode_first(ReadOptions())
    path.unlink()
    with memory_store() as store:
        (file,) = ingest_paths(store, [str(path)], early=early)
    assert file.error is None or isinstance(file.error, UnreadableFileError)


def test_a_log_that_goes_on_in_another_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    """Begun with before it is known what lies beside it: what the roll-over cut is read whole all the same."""
    paths, found = rolled(tmp_path), []
    for early in (None, InAdvance(paths[:1])):
        if early:
            early.decode_first(ReadOptions())
        with memory_store() as store:
            (file,) = ingest_paths(store, [str(paths[0])], early=early)
            found.append((file.rows, store.query("from message").rows, store.query("from file_end").rows))
    assert found[0] == found[1]


def test_only_files_for_a_new_database_are_begun_early(tmp_path: Path) -> None:
    path, database = tmp_path / "a.pcap", tmp_path / "a.duckdb"
    assert head_start([str(path)], database) is None, "no such file"
    path.write_bytes(b"x")
    assert head_start([str(path), str(tmp_path)], database) is None, "a folder"
    assert head_start([], database) is None
    early = head_start([str(path)], database)
    assert early is not None
    with pytest.raises(UnreadableFileError):
        early.decode_first(ReadOptions())
    taken = early.take(path)
    assert taken is not None
    assert taken.digest.result().size == 1
    path.write_bytes(b"PK\x03\x04")
    assert head_start([str(path)], database) is None, "an archive"
    database.write_bytes(b"")
    assert head_start([str(path)], database) is None, "the file may be known there"


@pytest.fixture
def own_turns() -> Iterator[None]:
    """`begin` changes how often threads take turns in this process; a command's process is its own."""
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("own_turns")
def test_a_file_is_begun_with_before_options_are_read(tmp_path: Path) -> None:
    path, database = CASE.parent / "bypassed" / "capture.pcap", tmp_path / "a.duckdb"
    begin([str(path)], database)
    with memory_store() as store:
        early = head_start([str(path)], database)
        assert early is not None
        early.decode_first(ReadOptions())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(UnderWay, "begin", lambda *_, **__: pytest.fail("a file is begun with once"))
            early.decode_first(ReadOptions(engine="wireshark"))
        (file,) = ingest_paths(store, [str(path)], early=early)
        assert file.rows["message"] > 0
    assert head_start([str(path)], database) is not early
