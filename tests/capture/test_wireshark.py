"""The Wireshark engine gives the kernel's own rows, and opens TLS where keys are at hand. Skipped where tshark is missing."""

from __future__ import annotations

import json
import shutil
import ssl
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from siplens.capture import read_capture, read_with_wireshark
from siplens.capture.wireshark import sightings
from siplens.capture.wireshark_streams import parse_streams
from siplens.cli.app import main
from siplens.errors import UnreadableFileError
from siplens.records import Batch
from siplens.resources import shipped_folder

from .tls_exchange import CLIENT, SERVER, exchange, with_secrets

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
SAMPLES = shipped_folder("sample_traces")
CAPTURE = SAMPLES / "bypassed" / "capture.pcap"


def message(start_line: str, cseq: str, body: str = "") -> bytes:
    lines = [
        start_line,
        "Via: SIP/2.0/TLS 10.3.0.51:50201;branch=z9hG4bK1",
        "From: <sip:anna@contoso.example>;tag=a1",
        "To: <sip:+14255550142@contoso.example>;tag=b2",
        "Call-ID: secret-call@contoso.example",
        f"CSeq: {cseq}",
        *(["Content-Type: application/sdp"] if body else []),
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", body]).encode()


SDP = (
    "v=0\r\no=- 0 0 IN IP4 10.3.0.51\r\ns=-\r\nc=IN IP4 10.3.0.51\r\nt=0 0\r\nm=audio 50020 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
    + "".join(f"a=x-filler-{number}:{'x' * 60}\r\n" for number in range(20))
)
INVITE = message("INVITE sip:+14255550142@contoso.example SIP/2.0", "1 INVITE", SDP)
TRYING, OK = message("SIP/2.0 100 Trying", "1 INVITE"), message("SIP/2.0 200 OK", "1 INVITE", SDP)
ACK, BYE = (
    message("ACK sip:+14255550142@contoso.example SIP/2.0", "1 ACK"),
    message("BYE sip:+14255550142@contoso.example SIP/2.0", "2 BYE"),
)
CALL = [(CLIENT, INVITE), (SERVER, TRYING + OK), (CLIENT, ACK + BYE)]
"""A call in three writes, two of them with two messages."""


def rows(batches: list[Batch], table: str) -> list[dict[str, Any]]:
    return [row for name, batch in batches if name == table for row in batch.to_pylist()]


@needs_tshark
@pytest.mark.parametrize("case", ["bypassed", "forked_cancelled"])
def test_both_engines_give_the_same_rows(case: str) -> None:
    path = SAMPLES / case / "capture.pcap"
    native, wireshark = list(read_capture(path)), list(read_with_wireshark(path))
    assert {batch.table for batch in wireshark} == {batch.table for batch in native}
    assert wireshark[-1].table == "source"
    for table in {batch.table for batch in native}:
        ours, theirs = rows(native, table), rows(wireshark, table)
        # The only things that Wireshark does not say, or says of itself.
        different = {"message": "byte_offset", "source": "engine"}.get(table)
        assert [row | {different: None} for row in theirs] == [row | {different: None} for row in ours]
    assert rows(wireshark, "source")[0]["engine"] == "wireshark"


@needs_tshark
@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("tsytsyk_SIP.pcap", {"udp": 560, "tcp": 61}),  # a frame with two messages
        ("moloch_gtp-iphone.pcap", {"tcp": 13, "udp": 4}),  # in GTP over IPv6
        ("lekensteyn_websocket-sip.pcapng", {"ws": 11}),
        ("ipfixprobe_sip.pcap", {"udp": 40}),  # and five that ICMP errors quote, which were not seen again
    ],
)
def test_real_captures(name: str, counts: dict[str, int], shared_data: Path) -> None:
    messages = rows(list(read_with_wireshark(shared_data / "pcap" / "sip" / name)), "message")
    assert Counter(row["transport"] for row in messages) == counts
    assert all(row["src_ip"] and row["src_port"] and row["ts"] for row in messages)


@needs_tshark
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("port", [5061, 5067])
def test_a_key_log_opens_tls(tmp_path: Path, version: ssl.TLSVersion, port: int) -> None:
    found = exchange(tmp_path, CALL, port=port, version=version)
    seen = list(sightings(found.capture, found.keylog))
    assert [text for sighting in seen for text in sighting.messages] == [INVITE, TRYING, OK, ACK, BYE]
    batches = list(read_with_wireshark(found.capture, keylog=found.keylog))
    messages = rows(batches, "message")
    assert [row["ordinal"] for row in messages] == [0, 1, 2, 3, 4]
    assert {row["transport"] for row in messages} == {"tls"}
    assert [(row["src_ip"], row["src_port"], row["dst_ip"], row["dst_port"]) for row in messages[:2]] == [
        ("10.3.0.51", 50201, "10.1.0.10", port),
        ("10.1.0.10", port, "10.3.0.51", 50201),
    ]
    assert all(one["frame"] <= two["frame"] and one["ts"] <= two["ts"] for one, two in pairwise(messages))
    assert [row["port"] for row in rows(batches, "sdp_media")] == [50020, 50020]
    assert rows(batches, "capture_health") == []


@needs_tshark
def test_without_keys_the_capture_is_said_to_be_encrypted(tmp_path: Path) -> None:
    found = exchange(tmp_path, CALL)
    batches = list(read_with_wireshark(found.capture))
    assert rows(batches, "message") == []
    [health] = rows(batches, "capture_health")
    assert (health["check_name"], health["amount"]) == ("tls_signalling", 1)
    assert "encrypted" in health["detail"]


@needs_tshark
def test_secrets_inside_a_pcapng_are_used(tmp_path: Path) -> None:
    found = exchange(tmp_path, CALL, suffix=".pcapng")
    assert [row["method"] for row in rows(list(read_with_wireshark(with_secrets(found))), "message")] == ["INVITE"] * 3 + ["ACK", "BYE"]


@needs_tshark
def test_a_key_log_opens_secure_websocket(tmp_path: Path) -> None:
    both = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\n"
    ask = f"GET /sip HTTP/1.1\r\nHost: sip.contoso.example\r\n{both}Sec-WebSocket-Key: c2lwbGVucyBpcyBoZXJlIQ==\r\n\r\n"
    agree = f"HTTP/1.1 101 Switching Protocols\r\n{both}\r\n"
    turns = [(CLIENT, ask.encode()), (SERVER, agree.encode()), (CLIENT, frame(BYE, masked=True)), (SERVER, frame(OK))]
    found = exchange(tmp_path, turns, port=443)
    messages = rows(list(read_with_wireshark(found.capture, keylog=found.keylog)), "message")
    assert [(row["transport"], row["method"], row["status"], row["body_bytes"]) for row in messages] == [
        ("wss", "BYE", None, 0),
        ("wss", "INVITE", 200, len(SDP)),
    ]


def frame(text: bytes, *, masked: bool = False) -> bytes:
    """A WebSocket text frame (RFC 6455 5.2)."""
    head = bytes([0x81, (0x80 if masked else 0) | 126]) + len(text).to_bytes(2, "big")
    return head + (b"\x11\x22\x33\x44" + bytes(byte ^ b"\x11\x22\x33\x44"[n % 4] for n, byte in enumerate(text)) if masked else text)


@needs_tshark
def test_the_command_line_takes_a_key_log_and_keeps_nothing_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found, database = exchange(tmp_path, CALL), tmp_path / "tls.duckdb"
    assert main(["ingest", str(found.capture), "--db", str(database), "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)[0]["messages"] == 0
    assert "TLS" in err
    assert main(["ingest", str(found.capture), "--keylog", str(found.keylog), "--db", str(database)]) == 0
    assert "--db" in capsys.readouterr().err, "the file was read before, without keys: the user is told what to do"
    opened = tmp_path / "opened.duckdb"
    assert main(["ingest", str(found.capture), "--keylog", str(found.keylog), "--db", str(opened), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["messages"] == 5
    assert main(["sql", "select engine from source", "--db", str(opened), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"engine": "wireshark"}]
    stored = opened.read_bytes()
    assert not any(secret in stored or bytes.fromhex(secret.decode()) in stored for secret in found.secrets())
    assert str(found.keylog).encode() not in stored


def test_logs_and_wrong_key_logs_are_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, database = SAMPLES / "capture_and_log" / "server.log", str(tmp_path / "x.duckdb")
    for arguments, words in (
        ([str(log), "--engine", "wireshark"], "is a log, and Wireshark reads captures only"),
        ([str(CAPTURE), "--keylog", str(tmp_path / "none.log")], "none.log"),
        ([str(CAPTURE), "--keylog", str(log), "--engine", "native"], "--keylog"),
    ):
        assert main(["ingest", *arguments, "--db", database]) == 2
        assert words in capsys.readouterr().err.splitlines()[0]


@needs_tshark
def test_a_capture_cut_short_gives_what_comes_before(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(CAPTURE.read_bytes()[:20_000])
    batches = list(read_with_wireshark(cut))
    assert len(rows(batches, "message")) == len(rows(list(read_capture(cut)), "message")) > 0
    assert {row["check_name"] for row in rows(batches, "capture_health")} == {"truncated_file", "wireshark_stopped"}


@needs_tshark
def test_reading_may_be_given_up() -> None:
    reading = sightings(CAPTURE)
    assert next(reading).messages
    reading.close()


def test_without_tshark_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnreadableFileError, match="tshark") as error:
        list(read_with_wireshark(CAPTURE))
    assert error.value.hint


def test_streams_are_read_out_of_tsharks_table() -> None:
    table = """
   Start time      End time     Src IP addr  Port    Dest IP addr  Port       SSRC          Payload  Pkts         Lost   Min Delta(ms) ...
    26.451583     30.633626     10.21.1.132  4002     10.21.128.1 12102 0x7ACF146C  g711U, RFC 4733   210     1 (0.5%)           0.002 \
         20.010        1302.482           1.227          15.465          84.337 X
     0.100000      0.200000         fd00::1 49120        fd01:0::2 19956 0x0000000A            g729     3    -1 (-50.0%)           0.000 \
          0.000           0.000           0.000           0.000           0.000
"""
    assert [(*key, *figures) for key, figures in parse_streams(table)] == [
        ("10.21.1.132", 4002, "10.21.128.1", 12102, 0x7ACF146C, 26.451583, 30.633626, 210, 1, 1302.482, 15.465, 84.337),
        ("fd00::1", 49120, "fd01::2", 19956, 10, 0.1, 0.2, 3, -1, 0.0, 0.0, 0.0),
    ]
