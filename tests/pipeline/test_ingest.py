"""A file is ingested once, whole or not at all; what cannot be read is said in a sentence and stops nothing else."""

from __future__ import annotations

import gzip
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from backports import zstd

from siplens.errors import UnreadableFileError
from siplens.pipeline.found_files import find_files
from siplens.pipeline.ingest import ingest_paths
from siplens.pipeline.one_file import IngestedFile
from siplens.records import TABLES
from siplens.resources import shipped_folder
from siplens.store import Store, memory_store, open_store

from ..capture.packets import pcap, rtp, udp_frame

CAPTURE = shipped_folder("sample_traces") / "bypassed" / "capture.pcap"


def ingest(store: Store, *paths: Path) -> list[IngestedFile]:
    return list(ingest_paths(store, [str(path) for path in paths]))


def counts(store: Store) -> dict[str, int]:
    return {name: store.value(f'select count(*) from "{name}"') for name in TABLES} | {
        "changes": store.value("select changes from store_info")
    }


def test_a_capture_becomes_messages_and_flows() -> None:
    with memory_store() as store:
        [file] = ingest(store, CAPTURE)
        assert file.error is None
        assert file.rows["message"] == store.value("select count(*) from message") > 0
        assert file.rows["media_flow"] == store.value("select count(*) from media_flow") > 0
        assert store.query("select kind, format, path, length(sha256) from source").rows == [("capture", "pcap", str(CAPTURE), 64)]


def test_the_same_bytes_again_change_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "other name.bin"
    shutil.copy(CAPTURE, copy)
    with memory_store() as store:
        ingest(store, CAPTURE)
        before = counts(store)
        [again, renamed] = ingest(store, CAPTURE, copy)
        assert (again.known, renamed.known) == (True, True)
        assert counts(store) == before


def test_a_reader_that_fails_half_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from siplens import capture

    whole = capture.read_capture

    def breaks_off(path: Path, **options: object) -> object:
        for number, batch in enumerate(whole(path)):
            if number == 1:
                raise KeyboardInterrupt
            yield batch

    with memory_store() as store:
        before = counts(store)
        monkeypatch.setattr(capture, "read_capture", breaks_off)
        with pytest.raises(KeyboardInterrupt):
            ingest(store, CAPTURE)
        assert counts(store) == before


def test_a_killed_ingest_leaves_the_database_as_before(tmp_path: Path) -> None:
    database = tmp_path / "a.duckdb"
    with open_store(database, write=True) as store:
        ingest(store, CAPTURE)
        before = counts(store)
    script = """
import sys, time
from pathlib import Path
from siplens import capture
from siplens.pipeline.ingest import ingest_paths
from siplens.store import open_store
whole = capture.read_capture
def slowly(path, **options):
    for batch in whole(path):
        yield batch
        print(batch.table, flush=True)
    time.sleep(60)
capture.read_capture = slowly
with open_store(Path(sys.argv[1]), write=True) as store:
    list(ingest_paths(store, sys.argv[2:]))
"""
    other = CAPTURE.parents[1] / "expected_but_mediated" / "capture.pcap"
    with subprocess.Popen([sys.executable, "-c", script, str(database), str(other)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "message\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
    with open_store(database, write=True) as store:
        assert counts(store) == before
        [file] = ingest(store, other)
        assert file.error is None
        assert not file.known


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.pcap", b"", "the file is empty"),
        ("notes.txt", b"Dear all,\nthe gateway was replaced.\n", "not a file that siplens can read"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(500), "not a file that siplens can read"),
        (None, b"", "there is no such file or folder"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path, name: str | None, content: bytes, sentence: str) -> None:
    path = tmp_path / (name or "missing.pcap")
    if name:
        path.write_bytes(content)
    with memory_store() as store:
        [file, good] = ingest(store, path, CAPTURE)
        assert isinstance(file.error, UnreadableFileError)
        assert sentence in file.error.message
        assert str(path) in file.error.message
        assert good.error is None


def test_a_capture_cut_in_a_packet_is_read_up_to_there(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(CAPTURE.read_bytes()[:-37])
    with memory_store() as store:
        [file] = ingest(store, cut)
        assert file.error is None
        assert store.query("select check_name from capture_health").rows == [("truncated_file",)]
        assert len(file.warnings) == 1


def test_a_capture_cut_in_its_own_header_has_nothing_to_read_and_says_so(tmp_path: Path) -> None:
    cut = tmp_path / "header.pcap"
    cut.write_bytes(CAPTURE.read_bytes()[:6])
    with memory_store() as store:
        [file] = ingest(store, cut)
        assert file.error is None
        assert "message" not in file.rows
        assert file.warnings == ["the file ends within its own header"]


def test_a_folder_gives_its_captures_and_passes_over_the_rest(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    shutil.copy(CAPTURE, tmp_path / "deep" / "one.pcap")
    (tmp_path / "README.md").write_text("about these captures\n")
    with memory_store() as store:
        files = ingest(store, tmp_path)
    assert [file.path.name for file in files] == ["one.pcap"]


def test_what_is_named_a_capture_in_a_folder_and_is_none_is_told(tmp_path: Path) -> None:
    shutil.copy(CAPTURE, tmp_path / "one.pcap")
    (tmp_path / "README.md").write_text("about these captures\n")
    (tmp_path / "nothing").touch()
    (tmp_path / "ring.pcap00001").touch()
    (tmp_path / "text.pcapng").write_text("Dear all,\n")
    (tmp_path / "two.pcap.zst").write_bytes(zstd.compress(CAPTURE.read_bytes())[:100])
    with memory_store() as store:
        files = ingest(store, tmp_path)
    assert [(file.path.name, file.error, file.warnings) for file in files] == [
        ("one.pcap", None, []),
        ("ring.pcap00001", None, ["passed over: the file is empty"]),
        ("text.pcapng", None, ["passed over: not a file that siplens can read"]),
        ("two.pcap.zst", None, ["passed over: the compressed file ends too early, and nothing can be read before that"]),
    ]


@pytest.mark.parametrize("size", [6, 12, 40, 3000])
@pytest.mark.parametrize("name", ["gz", "zst"])
def test_a_compressed_file_cut_before_anything_comes_out_is_said_to_be_cut(name: str, size: int, tmp_path: Path) -> None:
    packed = (gzip.compress if name == "gz" else zstd.compress)(CAPTURE.read_bytes())
    path = tmp_path / f"c.pcap.{name}"
    path.write_bytes(packed[: size if name == "zst" else min(size, 14)])
    with memory_store() as store:
        [file] = ingest(store, path)
        assert file.error is not None
        assert "the compressed file ends too early" in file.error.message


def test_media_that_hardly_compresses_is_recognised(tmp_path: Path) -> None:
    """Nothing comes out of a Zstandard file before its first block is whole, which is more than 64 KB of such media."""
    chance, path = random.Random(1), tmp_path / "c.pcap.zst"
    media = [(n * 0.02, udp_frame(rtp(n, n * 160, payload=chance.randbytes(160)), (30_000, 40_000))) for n in range(3000)]
    path.write_bytes(zstd.compress(pcap(media)))
    with memory_store() as store:
        [file] = ingest(store, path)
        assert (file.error, file.rows["media_flow"]) == (None, 1)


def test_a_glob_without_matches_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="no file matches"):
        list(find_files([str(tmp_path / "*.pcap")]))


def test_a_compressed_file_is_read_or_refused_but_never_half_read(tmp_path: Path) -> None:
    packed = tmp_path / "a.pcap.gz"
    packed.write_bytes(gzip.compress(CAPTURE.read_bytes()))
    with memory_store() as store:
        [file] = ingest(store, packed)
        assert file.error is not None or file.rows["message"] > 0


def test_a_database_whose_making_was_killed_is_made_anew(tmp_path: Path) -> None:
    import duckdb

    database = tmp_path / "bare.duckdb"
    duckdb.connect(str(database)).close()
    with open_store(database, write=True) as store:
        assert ingest(store, CAPTURE)[0].error is None
