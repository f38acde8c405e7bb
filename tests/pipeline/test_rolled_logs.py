"""Logs inside zip and gzip, in folders, and rolled over: each file is a source of its own, records are whole."""

from __future__ import annotations

import bz2
import gzip
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from siplens.pipeline.ingest import ingest_paths
from siplens.pipeline.one_file import IngestedFile
from siplens.pipeline.recognise import ReadOptions
from siplens.pipeline.rolled import in_order
from siplens.pipeline.unpack import FoundFile
from siplens.store import Store, memory_store

WHERE = "(SIPStack,SIPAdminLog::ProtocolRecord::Flush:ProtocolRecord.cpp(196))"


def record(number: int, machine: str = "FE01") -> str:
    """One SipStack record, `number` seconds after ten."""
    stamp = f"01/05/2026-10:{number // 60:02d}:{number % 60:02d}.000.{number:08X}"
    return (
        f"TL_INFO(TF_PROTOCOL) [POOL\\{machine}]0F48.1B3C::{stamp} {WHERE} [35] $$begin_record\nDirection: incoming\nPeer: 10.3.0.5:61182\n"
        f"Start-Line: OPTIONS sip:b@example.com SIP/2.0\nVia: SIP/2.0/TLS 10.3.0.5;branch=z9hG4bK{number}\nFrom: <sip:a@b>;tag=1\n"
        f"To: <sip:b@c>\nCall-ID: call-{number}\nCSeq: 1 OPTIONS\nContent-Length: 0\nMessage-Body: -\n$$end_record\n"
    )


def ingest(store: Store, *paths: Path) -> list[IngestedFile]:
    outcomes = list(ingest_paths(store, [str(path) for path in paths]))
    assert [outcome.error for outcome in outcomes] == [None] * len(outcomes)
    return outcomes


def seen(store: Store) -> list[Any]:
    query = "select call_id, parse_filename(path) from message join source using (source_id) order by message.ts"
    return store.query(query).rows


@pytest.mark.parametrize(
    ("cut", "pack"),
    [(40, None), (400, None), (len(record(2)) - 5, gzip), (400, bz2)],
    ids=["in the header line", "in the message", "in its end, gzip", "in the message, bzip2"],
)
def test_a_record_cut_by_the_roll_over_is_whole_and_belongs_to_the_older_file(tmp_path: Path, cut: int, pack: Any) -> None:
    whole = record(1) + record(2) + record(3)
    at = len(record(1)) + cut
    older = tmp_path / ("server.log.1" if pack is None else f"server.log.1.{'gz' if pack is gzip else 'bz2'}")
    older.write_bytes(whole[:at].encode() if pack is None else pack.compress(whole[:at].encode()))
    (tmp_path / "server.log").write_text(whole[at:])
    with memory_store() as store:
        first, second = ingest(store, tmp_path)
        assert (first.path.name, second.path.name) == (older.name, "server.log")  # oldest first
        assert seen(store) == [("call-1", older.name), ("call-2", older.name), ("call-3", "server.log")]
        assert store.value("select count(*) from log_reject") == 0
        assert store.value("select list_distinct(flatten(list(problems))) from message") == []
        again = ingest(store, tmp_path)
        assert [outcome.known for outcome in again] == [True, True]


@pytest.mark.parametrize(
    "names",
    [
        ["s.log.3", "s.log.2", "s.log.1", "s.log"],
        ["s_8.log", "s_9.log", "s_10.log", "s_11.log"],
        ["s.log.3.gz", "s.log.2.gz", "s.log.1.gz", "s.log"],
    ],
    ids=["newest without a number", "numbers rise", "packed"],
)
@pytest.mark.parametrize("cuts", [(40, 80, 160), (300, 306, 700), (350, 360, 405)], ids=str)
def test_files_in_which_no_record_begins_belong_to_the_record_that_the_roll_over_cut(
    tmp_path: Path, names: list[str], cuts: tuple[int, int, int]
) -> None:
    whole = (record(1) + record(2) + record(3)).encode()
    first, second, third = (len(record(1)) + cut for cut in cuts)
    for name, piece in zip(names, (whole[:first], whole[first:second], whole[second:third], whole[third:]), strict=True):
        (tmp_path / name).write_bytes(gzip.compress(piece) if name.endswith(".gz") else piece)
    with memory_store() as store:
        outcomes = ingest(store, tmp_path)
        assert [outcome.path.name for outcome in outcomes] == names
        assert {outcome.format for outcome in outcomes} == {"cls"}
        assert [call_id for call_id, _ in seen(store)] == ["call-1", "call-2", "call-3"]
        assert store.value("select count(*) from log_reject") == 0
        assert store.value("select list_distinct(flatten(list(problems))) from message") == []
        assert ["read with the file of the rolled log written before it" in " ".join(outcome.warnings) for outcome in outcomes].count(
            True
        ) == 2


def test_the_log_that_was_just_rolled_holds_nothing_but_the_end_of_a_record(tmp_path: Path) -> None:
    whole = record(1) + record(2)
    (tmp_path / "server.log.1").write_text(whole[:-300])
    (tmp_path / "server.log").write_text(whole[-300:])
    with memory_store() as store:
        assert [outcome.path.name for outcome in ingest(store, tmp_path)] == ["server.log.1", "server.log"]
        assert [call_id for call_id, _ in seen(store)] == ["call-1", "call-2"]
        assert store.value("select count(*) from log_reject") == 0


def test_a_text_that_only_shares_a_name_is_no_part_of_two_different_logs(tmp_path: Path) -> None:
    (tmp_path / "log1.txt").write_text(record(1))
    (tmp_path / "log2.txt").write_text(
        "01/05/2026|10:00:00.000 1F68:C14 INFO  :: Data Received -10.0.0.1:5061 (To Local Address: 10.0.0.2:1) 3 bytes\n"
    )
    (tmp_path / "log3.txt").write_text("nothing that could be read\n")
    with memory_store() as store:
        assert [outcome.path.name for outcome in ingest(store, tmp_path)] == ["log1.txt", "log2.txt"]


def test_a_file_that_comes_later_goes_on_where_the_known_one_ended(tmp_path: Path) -> None:
    whole = record(1) + record(2)
    (tmp_path / "a_1.log").write_text(whole[:700])
    with memory_store() as store:
        ingest(store, tmp_path)
        (tmp_path / "a_2.log").write_text(whole[700:] + record(3))
        known, new, again = ingest(store, tmp_path)
        assert (known.known, new.known) == (True, False)
        assert (again.path.name, again.warnings) == ("a_1.log", ["it was read again, because a file that it is joined to came later"])
        assert seen(store) == [("call-1", "a_1.log"), ("call-2", "a_1.log"), ("call-3", "a_2.log")]
        assert store.value("select count(*) from log_reject") == 0


def test_logs_of_two_machines_are_not_taken_for_one(tmp_path: Path) -> None:
    """They overlap in time: what stands before the second's first record does not belong to the first."""
    (tmp_path / "fe01.log").write_text(record(1) + record(30))
    (tmp_path / "fe02.log").write_text("Call-ID: lost\n" + record(2, "FE02"))
    with memory_store() as store:
        ingest(store, tmp_path)
        assert [row[0] for row in seen(store)] == ["call-1", "call-2", "call-30"]
        assert store.query("select line, text from log_reject").rows == [(1, "Call-ID: lost")]


def test_order_is_by_time_not_by_name(tmp_path: Path) -> None:
    names = {"Lync-UccApi-0.UccApilog": 300, "Lync-UccApi-1.UccApilog": 100, "Lync-UccApi-2.UccApilog": 200}
    for name, number in names.items():
        (tmp_path / name).write_text(record(number))
    files = [FoundFile(tmp_path / name, str(tmp_path / name), False) for name in names]
    ordered = in_order(files, ReadOptions())
    assert [found.file.path.name[12] for found in ordered] == ["1", "2", "0"]
    assert [[later.path.name[12] for later in found.after] for found in ordered] == [["2"], ["0"], []]


def test_members_of_a_zip_are_sources_with_the_archive_in_their_path(tmp_path: Path) -> None:
    whole = record(1) + record(2)
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deep/server.log", record(3))
    packed = tmp_path / "logs.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("fe/trace.1.log", whole[:500])
        archive.writestr("fe/trace.2.log", whole[500:] + record(4))
        archive.writestr("fe/readme.txt", "nothing to see")
        archive.write(inner, "inner.zip")
    inner.unlink()
    with memory_store() as store:
        outcomes = ingest(store, packed)
        expected = [f"{packed}/{name}" for name in ("fe/trace.1.log", "fe/trace.2.log", "inner.zip/deep/server.log")]
        assert [str(outcome.path) for outcome in outcomes] == expected
        assert store.query("select path from source order by source_id").rows == [(path,) for path in expected]
        assert [row[0] for row in seen(store)] == ["call-1", "call-2", "call-3", "call-4"]
        # The same bytes outside the archive are the same source.
        plain = tmp_path / "server.log"
        plain.write_text(record(3))
        assert ingest(store, plain)[0].known


def test_archives_that_cannot_be_opened_are_said(tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and then nothing")
    with memory_store() as store:
        (outcome,) = ingest_paths(store, [str(broken)])
        assert "broken.zip: cannot be unpacked" in str(outcome.error)
        assert store.value("select count(*) from source") == 0


def test_a_bomb_is_not_unfolded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from siplens.logs import blocks
    from siplens.pipeline import unpack

    monkeypatch.setattr(unpack, "_ALWAYS_ALLOWED", 1000)
    monkeypatch.setattr(blocks, "_ALWAYS_ALLOWED", 1000)
    text = (record(1) + "x" * 20_000_000).encode()
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.log", text)
    (tmp_path / "bomb.log.gz").write_bytes(gzip.compress(text))
    with memory_store() as store:
        zipped, packed = ingest_paths(store, [str(tmp_path / "bomb.zip"), str(tmp_path / "bomb.log.gz")])
        assert "unfolds to far more than captures and logs do" in str(zipped.error)
        assert "unfolds to more than" in str(packed.error)
        assert store.value("select count(*) from source") == 0


def test_archives_in_an_archive_share_what_it_may_unfold_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from siplens.pipeline import unpack

    monkeypatch.setattr(unpack, "_ALWAYS_ALLOWED", 2_000_000)
    monkeypatch.setattr(unpack, "_MOST_BLOWN_UP", 1)
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.log", b"x" * 1_500_000)
    with zipfile.ZipFile(tmp_path / "outer.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.write(inner, f"{number}.zip")
    inner.unlink()
    with memory_store() as store:
        refused = [str(outcome.error).partition(": ")[0] for outcome in ingest_paths(store, [str(tmp_path / "outer.zip")])]
        assert refused == [str(tmp_path / "outer.zip" / "1.zip"), str(tmp_path / "outer.zip")], "no further one is unfolded"


def test_members_stay_in_the_folder_made_for_them(tmp_path: Path) -> None:
    names = ["../../../outside.log", str(tmp_path / "absolute.log"), "a/..", "..", "C:\\logs\\windows.log"]
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in" / "paths.zip", "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(name, record(number))
    with memory_store() as store:
        ingest(store, tmp_path / "in")
        assert store.value("select count(distinct call_id) from message") == len(names)
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "paths.zip"]


def test_a_compressed_log_that_was_cut_gives_what_is_there(tmp_path: Path) -> None:
    text = "".join(record(number) for number in range(200)).encode()
    noise = random.Random(1).randbytes(3000).hex().encode()  # does not shrink: so that the end of the file is the end of the text
    packed = gzip.compress(text + noise)
    (tmp_path / "cut.log.gz").write_bytes(packed[:-1500])
    with memory_store() as store:
        ingest(store, tmp_path)
        assert store.value("select count(*) from message") == 200
