"""Capture files in all their forms give the same packets at the same times."""

from __future__ import annotations

import datetime as dt
import gzip
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from backports import zstd

from siplens.capture import files, read_capture, recognise
from siplens.errors import UnreadableFileError

from .packets import START, block, call_ids, enhanced, health, interface, option, pcap, read, read_file, section, sip, snoop, udp_frame

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
    "pcap, Kuznetzov's, big endian": pcap(FRAMES, magic=0xA1B2CD34, order=">"),
    "pcap, Kuznetzov's with the processor's number": pcap(FRAMES, magic=0xA1B2CD34, extra=12),
    "pcap, Kuznetzov's under the plain magic number": pcap(FRAMES, extra=8),
    "pcap, Nokia": pcap(FRAMES, extra=4),
    "pcap, Ixia, hardware": pcap(FRAMES, magic=0x1C0001AC),
    "pcap, Ixia, software, big endian": pcap(FRAMES, magic=0x1C0001AB, order=">"),
    "pcap, AIX": pcap(FRAMES, version=(2, 2), link=6, order=">"),
    "pcap 2.2, original length first": pcap(FRAMES, version=(2, 2), original_first=True),
    "pcap 2.3": pcap(FRAMES, version=(2, 3), original_first=True),
    "pcap, DG/UX": pcap(FRAMES, version=(543, 0), original_first=True),
    "pcap, length of the frame check sequence in the link type": pcap(FRAMES, link=0x24000001),
    "pcap, zstd": zstd.compress(pcap(FRAMES)),
    "pcap, zstd, two frames and one to skip": b"\x50\x2a\x4d\x18\x03\0\0\0abc"
    + zstd.compress(pcap(FRAMES)[:100])
    + zstd.compress(pcap(FRAMES)[100:]),
    "pcap, gzip, two members": gzip.compress(pcap(FRAMES)[:100], mtime=0) + gzip.compress(pcap(FRAMES)[100:], mtime=0),
    "snoop": snoop(FRAMES),
    "snoop, Surveyor": snoop(FRAMES, link=12, padding=16),
    "snoop, zstd": zstd.compress(snoop(FRAMES)),
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
    assert recognise(content[:4096]) in ("pcap", "pcapng", "snoop")
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
        + block("<", 0xBAE, b"unknown block")
        + section(">")
        + interface(">", 113)
        + enhanced(">", 0, START * 1_000_000, bytes(14) + b"\x08\0" + raw)
    )
    tables = read(tmp_path / "c", content)
    assert [(row["frame"], row["ts"] is None) for row in tables["message"]] == [(1, False), (2, True), (3, False), (4, False)]
    assert tables["source"][0]["link_types"] == ["ETHERNET", "RAW", "LINUX_SLL"]


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize("kind", [0x0BAD, 0x40000BAD, 0x0BAE, 7, 0x80000001])
def test_blocks_that_wireshark_numbers_are_numbered(kind: int, tmp_path: Path) -> None:
    """Custom blocks are frames to Wireshark, other blocks that are no packets are none: the message's number is the same."""
    path = tmp_path / "c.pcapng"
    body = struct.pack("<I", 32_473) + b"any text"
    path.write_bytes(b"".join([section("<"), interface("<"), block("<", kind, body), enhanced("<", 0, START * 10**6, udp_frame(sip()))]))
    command = ["tshark", "-n", "-r", str(path), "-Y", "sip", "-T", "fields", "-e", "frame.number"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert [str(row["frame"]) for row in read_file(path)["message"]] == shown


def test_shortened_packets_of_old_forms(tmp_path: Path) -> None:
    """Up to version 2.2 the original length stands first, in 2.3 either may: then the smaller one is what was kept."""
    cut = [(0, udp_frame(sip(body="x" * 400)))]
    for content in (
        pcap(cut, cut=300, version=(2, 2), original_first=True),
        pcap(cut, cut=300, version=(2, 3), original_first=True),
        pcap(cut, cut=300, version=(2, 3)),
    ):
        tables = read(tmp_path / "c", content)
        assert (call_ids(tables), health(tables)) == (["c1"], {"cut_packets": 1})


def test_snoop_tells_drops_and_its_links(tmp_path: Path) -> None:
    assert health(read(tmp_path / "c", snoop(FRAMES, dropped=7))) == {"drops": 7}
    raw = [(time, b"\x02\0\0\0" + frame[14:]) for time, frame in FRAMES]
    assert read(tmp_path / "c", snoop(raw, link=14))["source"][0]["link_types"] == ["NULL"]
    assert health(read(tmp_path / "c", snoop(FRAMES)[:-30])) == {"truncated_file": 1}


def test_names_comments_and_drops_of_packets(tmp_path: Path) -> None:
    """Name resolution blocks and comments are kept; packets dropped before a packet are counted where no counters say more."""
    names = (
        struct.pack("<HH", 1, 4 + 11)
        + b"\xc0\0\2\1sbc.example\0"[: 4 + 11]
        + b"\0"
        + struct.pack("<HH", 2, 16 + 4)
        + bytes(15)
        + b"\1v6a\0"
        + struct.pack("<HH", 0, 0)
    )
    frame = udp_frame(sip())
    packet = struct.pack("<IIIII", 0, START * 1_000_000 >> 32, START * 1_000_000 & 0xFFFFFFFF, len(frame), len(frame))
    options = (
        option("<", 1, "here it begins ☎".encode()) + option("<", 4, struct.pack("<Q", 9)) + option("<", 1, b"second") + option("<", 0, b"")
    )
    content = (
        block("<", 0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + option("<", 1, b"of the file"))
        + interface("<", options=option("<", 1, b"mirror port"))
        + block("<", 4, names)
        + block("<", 6, packet + frame + bytes(-len(frame) % 4) + options)
        + enhanced("<", 0, START * 1_000_000, frame)
    )
    tables = read(tmp_path / "c", content)
    assert call_ids(tables) == ["c1", "c1"]
    assert [tuple(row.values()) for row in tables["resolved_name"]] == [("192.0.2.1", "sbc.example"), ("::1", "v6a")]
    assert sorted(tuple(row.values()) for row in tables["capture_comment"]) == [
        ("interface", 0, "mirror port"),
        ("packet", 1, "here it begins ☎"),
        ("packet", 1, "second"),
        ("section", 0, "of the file"),
    ]
    assert health(tables) == {"drops": 9}


def test_more_comments_than_fit_at_once(tmp_path: Path) -> None:
    """A comment waits for Python as other packets do; each packet is counted once, whatever room there is."""
    frame = udp_frame(sip())
    packet = struct.pack("<IIIII", 0, 0, 0, len(frame), len(frame))
    one = block("<", 6, packet + frame + bytes(-len(frame) % 4) + option("<", 1, b"x" * 900) + option("<", 0, b""))
    tables = read(tmp_path / "c", section("<") + interface("<") + one * 5_000)
    assert len(tables["message"]) == len(tables["capture_comment"]) == 5_000


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
        (zstd.compress(pcap(FRAMES)[:100]) + zstd.compress(pcap(FRAMES)[100:])[:-12], {"truncated_file": 1}),
        (gzip.compress(pcap(FRAMES), mtime=0) + b"\x1f\x8b\x08\0 broken", {"truncated_file": 1}),
        (zstd.compress(pcap(FRAMES)) + b"\x28\xb5\x2f\xfd broken frame", {"truncated_file": 1}),
        (snoop(FRAMES) + b"\xff" * 40, {"corrupt_record": 1}),
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


def test_a_file_that_vanishes_while_it_is_opened_is_told_and_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gone.pcap"
    path.write_bytes(pcap(FRAMES))
    opened: list[BinaryIO] = []
    open_file = Path.open

    def remembered(self: Path, *arguments: Any, **named: Any) -> Any:
        opened.append(cast(BinaryIO, open_file(self, *arguments, **named)))
        return opened[-1]

    def vanished(path: Path) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "open", remembered)
    monkeypatch.setattr(files, "Held", vanished)
    with pytest.raises(UnreadableFileError, match="No such file"):
        files.Blocks(path)
    assert [file.closed for file in opened] == [True]
