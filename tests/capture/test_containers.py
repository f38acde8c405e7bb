"""Capture files in all their forms give the same packets at the same times."""

from __future__ import annotations

import datetime as dt
import gzip
import struct
from pathlib import Path

import pytest

from siplens.capture import read_capture, recognise
from siplens.errors import UnreadableFileError

from .packets import START, block, call_ids, enhanced, health, interface, option, pcap, read, section, sip, udp_frame

FRAMES = [(0.25, udp_frame(sip("first"))), (1.5, udp_frame(sip("second")))]
TIMES = [dt.datetime.fromtimestamp(START + offset, dt.UTC).replace(tzinfo=None) for offset in (0.25, 1.5)]


def pcapng(order: str, per_second: int, resolution: int | None, offset: int = 0) -> bytes:
    options = b"" if resolution is None else option(order, 9, bytes([resolution]))
    if offset:
        options += option(order, 14, struct.pack(order + "q", offset))
    return (
        section(order)
        + interface(order, options=options)
        + b"".join(enhanced(order, 0, (START - offset) * per_second + int(time * per_second), frame) for time, frame in FRAMES)
    )


FORMS = {
    "pcap, microseconds, little endian": pcap(FRAMES),
    "pcap, microseconds, big endian": pcap(FRAMES, order=">"),
    "pcap, nanoseconds": pcap(FRAMES, magic=0xA1B23C4D),
    "pcap, nanoseconds, big endian": pcap(FRAMES, magic=0xA1B23C4D, order=">"),
    "pcap, Kuznetzov's modified form": pcap(FRAMES, magic=0xA1B2CD34),
    "pcap, gzip": gzip.compress(pcap(FRAMES), mtime=0),
    "pcapng, default resolution": pcapng("<", 1_000_000, None),
    "pcapng, big endian": pcapng(">", 1_000_000, None),
    "pcapng, milliseconds": pcapng("<", 1_000, 3),
    "pcapng, nanoseconds": pcapng("<", 1_000_000_000, 9),
    "pcapng, nanoseconds, offset": pcapng("<", 1_000_000_000, 9, offset=86_400),
    "pcapng, 1/1024 s": pcapng("<", 1_024, 0x80 | 10),
    "pcapng, offset": pcapng(">", 1_000_000, 6, offset=-3_600),
    "pcapng, gzip": gzip.compress(pcapng("<", 1_000_000, None), mtime=0),
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS.keys())
def test_every_form_holds_the_same_two_messages(content: bytes, tmp_path: Path) -> None:
    assert recognise(content[:4096]) in ("pcap", "pcapng")
    tables = read(tmp_path / "c", content)
    assert [(row["call_id"], row["ts"], row["frame"]) for row in tables["message"]] == [
        ("first", TIMES[0], 1),
        ("second", TIMES[1], 2),
    ]
    (source,) = tables["source"]
    assert (source["packets"], source["link_types"], source["first_ts"], source["last_ts"]) == (2, ["ETHERNET"], *TIMES)
    assert health(tables) == {}


def test_sections_interfaces_and_old_blocks(tmp_path: Path) -> None:
    frame = udp_frame(sip("x"))
    raw = frame[14:]
    size = len(frame)
    content = (
        section("<")
        + interface("<")
        + interface("<", 101)
        + enhanced("<", 1, START * 1_000_000, raw)
        + block("<", 3, struct.pack("<I", size) + frame)
        + block("<", 2, struct.pack("<HHIIII", 0, 0, START * 1_000_000 >> 32, START * 1_000_000 & 0xFFFFFFFF, size, size) + frame)
        + block("<", 0xBAD, b"unknown block")
        + section(">")
        + interface(">", 113)
        + enhanced(">", 0, START * 1_000_000, bytes(14) + b"\x08\0" + raw)
    )
    tables = read(tmp_path / "c", content)
    assert [(row["frame"], row["ts"] is None) for row in tables["message"]] == [(1, False), (2, True), (3, False), (4, False)]
    assert tables["source"][0]["link_types"] == ["ETHERNET", "RAW", "LINUX_SLL"]


def test_offsets_lead_to_the_records(tmp_path: Path) -> None:
    content = pcap(FRAMES)
    offsets = [row["byte_offset"] for row in read(tmp_path / "c", content)["message"]]
    assert offsets == [24, 24 + 16 + len(FRAMES[0][1])]


def test_drops_and_cut_packets_are_told(tmp_path: Path) -> None:
    frame = udp_frame(sip())
    counters = option("<", 5, struct.pack("<Q", 40)) + option("<", 7, struct.pack("<Q", 2))
    content = (
        section("<")
        + interface("<")
        + enhanced("<", 0, START * 1_000_000, frame[:100], len(frame))
        + block("<", 5, struct.pack("<III", 0, 0, 0) + counters)
    )
    tables = read(tmp_path / "c", content)
    assert health(tables) == {"drops": 42, "cut_packets": 1}
    assert len(tables["message"]) == 1, "a message cut by the snap length is still a message"


def test_unknown_link_type_is_counted_by_name(tmp_path: Path) -> None:
    tables = read(tmp_path / "c", pcap(FRAMES, link=127))
    assert "message" not in tables
    (row,) = tables["capture_health"]
    assert (row["check_name"], row["amount"], row["frame"]) == ("link_type_unknown", 2, 1)
    assert "IEEE802_11_RADIOTAP" in row["detail"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (pcap(FRAMES)[:-1], {"truncated_file": 1}),
        (pcap(FRAMES)[:60], {"truncated_file": 1}),
        (pcap(FRAMES)[:20], {"truncated_file": 1}),
        (pcap(FRAMES[:1]) + b"\xff" * 40, {"corrupt_record": 1}),
        (pcapng("<", 1_000_000, None)[:-2], {"truncated_file": 1}),
        (pcapng("<", 1_000_000, None) + struct.pack("<II", 6, 7), {"truncated_file": 1}),
        (pcapng("<", 1_000_000, None) + struct.pack("<III", 6, 13, 0), {"corrupt_record": 1}),
        (gzip.compress(pcap(FRAMES), mtime=0)[:-12], {"truncated_file": 1}),
    ],
)
def test_damage_is_told_and_what_comes_before_is_read(content: bytes, expected: dict[str, int], tmp_path: Path) -> None:
    tables = read(tmp_path / "c", content)
    assert health(tables) == expected
    assert call_ids(tables) == [row["call_id"] for row in tables.get("message", [])]
    assert tables["source"][0]["engine"] == "native"


@pytest.mark.parametrize("content", [b"", b"a text file\n" * 100, b"\x0a\x0d\x0d\x0a", b"\x1f\x8b\x08 not gzip", bytes(5000)])
def test_what_is_no_capture_is_refused_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="expected a packet capture"):
        list(read_capture(path))
    assert recognise(content[:4096]) is None


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.pcap"):
        with pytest.raises(UnreadableFileError, match="expected a packet capture"):
            list(read_capture(path))


def test_records_across_blocks_and_progress(tmp_path: Path) -> None:
    """A file of several read-ahead blocks: records that straddle their ends are read like others."""
    frames = [(n / 1000, udp_frame(sip(f"c{n}", body="x" * 1200))) for n in range(7_000)]
    path = tmp_path / "c"
    path.write_bytes(pcap(frames))
    told: list[int] = []
    found = [row for batch in read_capture(path, progress=told.append) if batch.table == "message" for row in batch.rows.to_pylist()]
    assert [row["call_id"] for row in found] == [f"c{n}" for n in range(7_000)]
    assert [row["ordinal"] for row in found] == list(range(7_000))
    assert told == sorted(told)
    assert told[-1] == path.stat().st_size
