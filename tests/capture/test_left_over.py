"""What the kernel does not open: tshark opens it from a small capture of those frames alone; without tshark it is named."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest

from siplens.capture import left_over, read_capture

from .packets import A, B, Tables, call_ids, ethernet, health, ip4, pcap, read, rtp, sdp, sip, udp, udp_frame
from .test_websocket import AGREE, ASK, frame
from .tls_exchange import CLIENT, SERVER, exchange, with_secrets

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
INVITE = sip("inside", body=sdp(B, 40000))
MEDIA = [ip4(udp(rtp(n, n * 160), (30000, 40000))) for n in range(20)]
PACKETS = [ip4(udp(INVITE)), *MEDIA]


def l2tp(packet: bytes) -> bytes:
    """A data message of L2TP over UDP: tunnel, session, PPP (RFC 2661 3.1)."""
    return ethernet(ip4(udp(b"\0\2\0\5\0\6" + b"\xff\x03\0\x21" + packet, (1701, 1701))))


def wireless(packet: bytes) -> bytes:
    """A data frame of IEEE 802.11 to an access point: 24 bytes, LLC with SNAP."""
    return b"\x08\x01\0\0" + bytes(18) + b"\0\0" + b"\xaa\xaa\x03\0\0\0\x08\0" + packet


def tzsp(packet: bytes) -> bytes:
    return ethernet(ip4(udp(b"\1\0\0\1\1" + ethernet(packet), (40000, 37008))))


TUNNELS = {"L2TP": (1, l2tp), "IEEE802_11": (105, wireless), "TZSP": (1, tzsp)}


def sctp(*texts: bytes, flags: int = 3, number: int = 1, before: bytes = b"") -> bytes:
    """A DATA chunk (RFC 9260 3.3.1) for each text, whole messages where not other flags say that they are parts; chunks before them."""
    chunks = [before]
    for at, text in enumerate(texts):
        chunks.append(struct.pack("!BBHIHHI", 0, flags, 16 + len(text), number + at, 0, at, 0) + text + bytes(-len(text) % 4))
    return ethernet(ip4(struct.pack("!HHII", 5060, 5060, 7, 0) + b"".join(chunks), 132))


ACKNOWLEDGED = struct.pack("!BBHIIHH", 3, 0, 16, 5, 65_535, 0, 0)


@needs_tshark
@pytest.mark.parametrize(("link", "wrapped"), TUNNELS.values(), ids=TUNNELS.keys())
def test_tshark_opens_what_the_kernel_does_not(link: int, wrapped: object, tmp_path: Path) -> None:
    """SIP and RTP inside come out with frame, time and figures as if the kernel had opened the tunnel itself."""
    assert callable(wrapped)
    frames = [(n * 0.02, wrapped(packet)) for n, packet in enumerate(PACKETS)]
    plain = read(tmp_path / "plain", pcap([(n * 0.02, packet) for n, packet in enumerate(PACKETS)], link=101))
    tables = read(tmp_path / "c", pcap(frames, link=link))
    assert health(tables) == {}
    assert tables["source"][0]["engine"] == "native+wireshark"
    assert tables["media_flow"] == plain["media_flow"]
    assert [row | {"byte_offset": None} for row in tables["message"]] == [row | {"byte_offset": None} for row in plain["message"]]


@pytest.mark.parametrize("before", [b"", ACKNOWLEDGED], ids=["alone", "behind a SACK"])
def test_sip_over_sctp_needs_no_tshark(before: bytes, tmp_path: Path) -> None:
    """One whole message in a packet, as nearly all are; what it announces counts."""
    frames = [
        (0, udp_frame(sip("udp"))),
        (1, sctp(INVITE, before=before)),
        *((2 + n / 50, udp_frame(rtp(n, n), (30_000, 40_000))) for n in range(3)),
    ]
    tables = read(tmp_path / "c", pcap(frames))
    row = tables["message"][1]
    assert (row["transport"], row["src_ip"], row["src_port"], row["frame"]) == ("sctp", A, 5060, 2)
    assert tables["media_flow"][0]["bound_by"] == "sdp"
    assert tables["source"][0]["engine"] == "native"
    assert health(tables) == {}


@needs_tshark
def test_several_messages_and_parts_of_one_over_sctp_are_tsharks(tmp_path: Path) -> None:
    long = sip("long", body="x" * 2000)
    parts = [(1 + n, sctp(long[at : at + 900], flags=flags, number=7 + n)) for n, (at, flags) in enumerate([(0, 2), (900, 0), (1800, 1)])]
    tables = read(tmp_path / "c", pcap([(0, sctp(sip("one"), sip("two"))), *parts]))
    assert sorted(call_ids(tables)) == ["long", "one", "two"]
    assert [(row["body_bytes"], row["frame"]) for row in tables["message"] if row["call_id"] == "long"] == [(2000, 4)]
    assert tables["source"][0]["engine"] == "native+wireshark"
    assert health(tables) == {}


def test_sctp_without_sip_is_nobodys_business(tmp_path: Path) -> None:
    """The signalling of mobile networks is all SCTP: it starts no tshark, and makes no warning; nor do acknowledgements."""
    frames = [sctp(b"S1AP, say" * 20).replace(b"\x13\xc4", b"\x8e\x3c"), sctp(before=ACKNOWLEDGED), udp_frame(sip())]
    tables = read(tmp_path / "c", pcap([(n, frame) for n, frame in enumerate(frames)]))
    assert health(tables) == {}
    assert tables["source"][0]["engine"] == "native"


def test_sctp_cut_anywhere_does_no_harm(tmp_path: Path) -> None:
    whole = [sctp(INVITE), sctp(INVITE, INVITE, before=ACKNOWLEDGED)]
    read(tmp_path / "c", pcap([(0.0, frame[:length]) for frame in whole for length in range(0, len(frame), 2)]))


@needs_tshark
def test_secrets_inside_a_pcapng_open_its_tls(tmp_path: Path) -> None:
    """By the ordinary reading: only the TLS segments go to tshark, and the key log with them."""
    bye = sip("sealed", method="BYE")
    found = exchange(tmp_path, [(CLIENT, bye), (SERVER, sip("answer"))], suffix=".pcapng")
    tables = tables_of(with_secrets(found))
    assert [(row["call_id"], row["transport"], row["dst_port"]) for row in tables["message"]] == [
        ("sealed", "tls", 5061),
        ("answer", "tls", 50201),
    ]
    assert health(tables) == {}
    assert health(tables_of(found.capture)) == {"tls_signalling": 2}


@needs_tshark
def test_secrets_open_secure_websocket_on_any_port(tmp_path: Path) -> None:
    turns = [(CLIENT, ASK), (SERVER, AGREE), (CLIENT, frame(sip("asked"), mask=b"\x11\x22\x33\x44")), (SERVER, frame(sip("answered")))]
    tables = tables_of(with_secrets(exchange(tmp_path, turns, port=443, suffix=".pcapng")))
    assert [(row["call_id"], row["transport"], row["dst_port"]) for row in tables["message"]] == [
        ("asked", "wss", 443),
        ("answered", "wss", 50201),
    ]


def test_secrets_that_nobody_uses_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = with_secrets(exchange(tmp_path, [(CLIENT, sip("sealed"))], suffix=".pcapng"))
    monkeypatch.setattr(left_over.shutil, "which", lambda name: None)
    tables = tables_of(path)
    assert health(tables) == {"secrets_unused": 1, "tls_signalling": 2}
    assert "tshark, which opens TLS with them, is not installed here" in tables["capture_health"][0]["detail"]


@needs_tshark
def test_secrets_of_other_connections_open_nothing(tmp_path: Path) -> None:
    found = exchange(tmp_path, [(CLIENT, sip("sealed", method="BYE"))], suffix=".pcapng")
    found.keylog.write_bytes(b"CLIENT_RANDOM " + b"00" * 32 + b" " + b"11" * 48 + b"\n")
    tables = tables_of(with_secrets(found))
    assert "message" not in tables
    assert health(tables) == {"tls_signalling": 1}


def test_without_tshark_they_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_over.shutil, "which", lambda name: None)
    frames = [(n * 0.02, l2tp(packet)) for n, packet in enumerate(PACKETS)] + [(1.0, sctp(INVITE, INVITE)), (2.0, udp_frame(sip()))]
    tables = read(tmp_path / "c", pcap(frames))
    assert call_ids(tables) == ["c1"]
    (row,) = tables["capture_health"]
    assert (row["check_name"], row["amount"], row["frame"]) == ("not_opened", 22, 1)
    assert "SCTP (1), L2TP (21)" in row["detail"]
    assert "tshark, which may open them, is not installed here" in row["detail"]
    assert tables["source"][0]["engine"] == "native"


@needs_tshark
def test_what_tshark_does_not_open_either_is_named(tmp_path: Path) -> None:
    junk = [(n * 0.02, ethernet(ip4(udp(b"\0\2\0\5\0\6" + bytes(40), (1701, 1701))))) for n in range(3)]
    tables = read(tmp_path / "c", pcap([*junk, (1, udp_frame(sip()))]))
    assert health(tables) == {"not_opened": 3}
    assert "tshark found no IP in them" in tables["capture_health"][0]["detail"]


@needs_tshark
def test_no_more_goes_to_tshark_than_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_over, "MAX_FRAMES", 5)
    tables = read(tmp_path / "c", pcap([(n * 0.02, l2tp(packet)) for n, packet in enumerate(PACKETS)]))
    assert tables["media_flow"][0]["packets"] <= 5
    assert "left_over_bounded" in health(tables)


def test_link_types_that_lead_nowhere_start_no_tshark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_over.LeftOver, "opened", None)
    assert health(read(tmp_path / "c", pcap([(0, bytes(64))], link=189))) == {"link_type_unknown": 1}


def tables_of(path: Path) -> Tables:
    tables: Tables = {}
    for batch in read_capture(path):
        tables.setdefault(batch.table, []).extend(batch.rows.to_pylist())
    return tables
