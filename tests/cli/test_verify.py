"""`siplens verify`: nothing where both engines agree, a row for each thing that differs, and an exit status that says which."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from siplens.capture.wireshark_streams import StreamFigures, StreamKey
from siplens.cli.app import main
from siplens.pipeline.verify import MessageFacts, compare_messages, compare_streams, verify_capture
from siplens.resources import shipped_folder

from ..capture.packets import pcap, sip, udp_frame
from ..capture.tls_exchange import CLIENT, exchange, with_secrets

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
SAMPLES = shipped_folder("sample_traces")
INVITE = MessageFacts(
    7,
    dt.datetime(2026, 1, 5),
    "INVITE sip:b@example SIP/2.0",
    "INVITE",
    None,
    "c1",
    1,
    "z9hG4bK1",
    "a",
    None,
    9,
    120,
    "10.0.0.1",
    5060,
    "10.0.0.2",
    5060,
    "udp",
)
RINGING = INVITE._replace(frame=8, start_line="SIP/2.0 180 Ringing", status=180, to_tag="b")
STREAM = StreamKey("10.0.0.1", 20000, "10.0.0.2", 30000, 0xCAFE)
FIGURES = StreamFigures(first_s=0.5, last_s=2.5, packets=100, lost=0, max_delta_ms=20.5, jitter_mean_ms=1.0, jitter_max_ms=2.0)


@needs_tshark
def test_engines_that_agree_end_with_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(SAMPLES / "bypassed" / "capture.pcap")]) == 0
    assert capsys.readouterr().out == "SIP messages: 28 native, 28 Wireshark; RTP streams: 4 native, 4 Wireshark. No difference.\n"


@needs_tshark
def test_what_one_engine_alone_sees_is_listed_with_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only Wireshark opens TLS with the secrets inside a pcapng."""
    bye = b"BYE sip:b@example SIP/2.0\r\nVia: SIP/2.0/TLS 10.0.0.1\r\nCall-ID: c1\r\nCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n"
    capture = with_secrets(exchange(tmp_path, [(CLIENT, bye)], suffix=".pcapng"))
    assert main(["verify", str(capture), "--format", "json"]) == 1
    out, err = capsys.readouterr()
    [row] = json.loads(out)
    assert row.pop("frame") > 0
    assert row == {"kind": "message", "subject": "BYE 2 of c1", "differs": "seen", "native": "no", "wireshark": "yes"}
    assert err.splitlines()[-1].endswith("1 difference.")


@needs_tshark
def test_bytes_behind_a_datagrams_body_are_no_difference(tmp_path: Path) -> None:
    """RFC 3261 18.3 lets the receiver throw them away, and Wireshark does not show them."""
    capture = tmp_path / "c.pcap"
    capture.write_bytes(pcap([(0, udp_frame(sip(body="hello") + b"\r\n"))]))
    assert verify_capture(capture).differences == []


@pytest.mark.parametrize("name", ["server.log", "README.md", "nowhere.pcap"])
def test_what_is_no_capture_ends_with_status_2(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(SAMPLES / "capture_and_log" / name)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert name in err.splitlines()[0]


def test_without_tshark_there_is_no_second_opinion(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["verify", str(SAMPLES / "bypassed" / "capture.pcap")]) == 2
    assert "needs tshark" in capsys.readouterr().err


def test_messages_are_paired_by_what_they_are() -> None:
    assert list(compare_messages([INVITE, RINGING], [RINGING, INVITE])) == []
    assert [
        tuple(found)
        for found in compare_messages([INVITE, RINGING], [INVITE._replace(frame=6, ts=dt.datetime(2026, 1, 5, 1), body_bytes=118)])
    ] == [
        ("message", 7, "INVITE 1 of c1", "frame", 7, 6),
        ("message", 7, "INVITE 1 of c1", "ts", dt.datetime(2026, 1, 5), dt.datetime(2026, 1, 5, 1)),
        ("message", 7, "INVITE 1 of c1", "body_bytes", 120, 118),
        ("message", 8, "180 to INVITE 1 of c1", "seen", "yes", "no"),
    ]


def test_a_retransmission_that_one_engine_misses_is_one_difference() -> None:
    again = INVITE._replace(frame=9)
    assert [found[1:6] for found in compare_messages([INVITE], [INVITE, again])] == [(9, "INVITE 1 of c1", "seen", "no", "yes")]


@pytest.mark.parametrize(
    ("figures", "differs"),
    [
        (FIGURES, []),
        (FIGURES._replace(jitter_mean_ms=1.009, max_delta_ms=20.6), []),
        (FIGURES._replace(first_s=0.500001, last_s=2.51), ["last_s"]),
        (FIGURES._replace(jitter_mean_ms=1.02, lost=1), ["lost", "jitter_mean_ms"]),
    ],
)
def test_streams_may_differ_by_one_percent_in_time_and_not_in_number(figures: StreamFigures, differs: list[str]) -> None:
    assert [found.differs for found in compare_streams({STREAM: FIGURES}, {STREAM: figures})] == differs


def test_a_stream_that_one_engine_misses_is_named() -> None:
    [found] = compare_streams({STREAM: FIGURES}, {})
    assert tuple(found) == ("stream", None, "10.0.0.1:20000 > 10.0.0.2:30000 0x0000CAFE", "seen", "yes", "no")
