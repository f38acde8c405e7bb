"""What formats with a head line and a message below it have in common: framing, what logs lose or add, and speed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from siplens.logs import read_log, recognise
from siplens.logs.framing import framed, unescaped
from siplens.logs.traced import by_via, place

OPTIONS = """OPTIONS sip:gw1 SIP/2.0
Via: SIP/2.0/UDP 10.1.0.10;branch=z9hG4bK1
From: <sip:a>;tag=1
To: <sip:b>
Call-ID: c-1
CSeq: 1 OPTIONS
"""
SDP = "v=0\no=- 0 0 IN IP4 10.3.0.5\ns=-\nc=IN IP4 10.3.0.5\nt=0 0\nm=audio 5000 RTP/AVP 0\n"
LENGTH = len(SDP.replace("\n", "\r\n"))
Read = Callable[..., dict[str, list[dict[str, Any]]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def rows_of(text: str, **options: Any) -> dict[str, list[dict[str, Any]]]:
        path = tmp_path / "trace.log"
        path.write_bytes(text.encode())
        name = recognise(text.encode()[:65536])
        assert name is not None
        rows: dict[str, list[dict[str, Any]]] = {"message": [], "log_event": [], "log_reject": [], "capture_health": []}
        for batch in read_log(path, name, **options):
            rows.setdefault(batch.table, []).extend(batch.rows.to_pylist())
        return rows

    return rows_of


def test_a_body_ends_where_content_length_says_though_the_log_lost_the_carriage_returns() -> None:
    found = framed(f"{OPTIONS}Content-Type: application/sdp\nContent-Length: {LENGTH}\n\n{SDP}[Jan  5] NOTICE: next line\n")
    assert found is not None
    assert found.message.endswith("RTP/AVP 0\n")
    assert found.after == "[Jan  5] NOTICE: next line\n"


@pytest.mark.parametrize(
    ("text", "body", "after"),
    [
        (f"{OPTIONS}Content-Length: 0\n\n<------------->\n", "", "<------------->\n"),
        (f"{OPTIONS}\nsome line\n", "", "some line\n"),
        (f"{OPTIONS}Content-Type: application/sdp\n{SDP}\nother\n", SDP, "\nother\n"),  # the empty line was lost
        (f"{OPTIONS}Content-Type: application/sdp\nContent-Length: 900\n\n{SDP}next: line\n", SDP, "next: line\n"),  # cut short
        (f"{OPTIONS}Content-Type: text/plain\n\nhello\nworld\n---\nrest\n", "hello\nworld\n", "---\nrest\n"),
        (OPTIONS.rstrip("\n"), "", ""),  # the file ends within the headers
    ],
)
def test_where_a_message_ends(text: str, body: str, after: str) -> None:
    found = framed(text)
    assert found is not None
    assert found.message.partition("\n\n")[2] == body
    assert found.after == after


def test_indented_and_coloured_text() -> None:
    text = "\x1b[32m   " + "\n   ".join(f"{OPTIONS}Content-Length: 0".split("\n")) + "\x1b[0m\n   ----\nother\n"
    found = framed(text)
    assert found is not None
    assert found.message.startswith("OPTIONS sip:gw1 SIP/2.0\nVia:")
    assert "other" in found.after


@pytest.mark.parametrize(
    "text", ["", "INVITE\n", "SIP/2.0 is a protocol\n", "GET /x HTTP/1.1\n", "the INVITE sip:a SIP/2.0 in a sentence\n"]
)
def test_no_message(text: str) -> None:
    assert framed(text) is None


def test_escapes_are_octal() -> None:
    assert unescaped("a#015#012b#011c#123") == "a\r\nb\tc#123"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.1.0.10:5060", ("10.1.0.10", 5060, None)),
        ("[2001:DB8::1]:5061", ("2001:db8::1", 5061, None)),
        ("2001:db8::1", ("2001:db8::1", None, None)),
        ("sbc.contoso.example:99999", (None, None, "sbc.contoso.example")),
        (None, (None, None, None)),
    ],
)
def test_places(text: str | None, expected: tuple[Any, ...]) -> None:
    assert place(text) == expected


def test_the_topmost_via_tells_who_asked() -> None:
    request = "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP 10.1.0.10:5068;branch=z\r\nVia: SIP/2.0/UDP 192.0.2.1\r\n\r\n"
    assert by_via(request) == (("10.1.0.10", 5068, None), (None, None, None))
    response = "SIP/2.0 200 OK\r\nv: SIP/2.0/UDP host.example;received=192.0.2.7;rport=40000\r\n\r\n"
    assert by_via(response) == ((None, None, None), ("192.0.2.7", 40000, None))


ASTERISK = (
    "[2026-01-05 10:00:01.250] VERBOSE[1234] res_pjsip_logger.c: <--- Received SIP request (300 bytes) from UDP:10.1.0.10:5060 --->\n"
)
DIALPLAN = (
    '[2026-01-05 10:00:01.260] VERBOSE[1234][C-0001] pbx.c: Executing [s@macro:23] Set("SIP/100-0001", "DB(foo)=1234567890") in stack\n'
)


def test_megabytes_of_other_lines_cost_no_message_and_little_time(read: Read) -> None:
    """Five megabytes of dial plan between two messages; a pattern that looks at each line from many sides would take minutes."""
    begin = time.process_time()
    rows = read(f"{ASTERISK}{OPTIONS}\n{DIALPLAN * 45_000}{ASTERISK}{OPTIONS}\n")
    assert time.process_time() - begin < 20
    assert [row["line"] for row in rows["message"]] == [1, 45_009]
    assert rows["log_reject"] == []


def test_a_head_without_a_message_is_rejected_with_its_line(read: Read) -> None:
    rows = read(f"{ASTERISK}{OPTIONS}\n{ASTERISK}keep-alive\n")
    assert len(rows["message"]) == 1
    (reject,) = rows["log_reject"]
    assert (reject["line"], reject["text"], reject["caret"], reject["expected"]) == (
        10,
        "keep-alive",
        "^",
        "a SIP request line or status line",
    )


@pytest.mark.parametrize(
    ("stamp", "zone", "expected"),
    [
        ("Jan 15 2026 10:30:00.123 CET", "UTC", "2026-01-15 09:30:00.123000"),
        ("*Jan 15 2026 10:30:00.123", "Europe/Berlin", "2026-01-15 09:30:00.123000"),
        ("Jan 15 10:30:00 10.1.1.1 77: .Jan 15 2026 10:30:00.500 EDT", "UTC", "2026-01-15 14:30:00.500000"),
        ("2026 Jan 15 10:30:00.123 IST", "+05:30", "2026-01-15 05:00:00.123000"),  # three places write IST: --log-tz decides
        ("00:11:29", "UTC", "None"),  # since the router started
    ],
)
def test_stamps_of_cisco_routers(read: Read, stamp: str, zone: str, expected: str) -> None:
    from siplens.cli.ingest import time_zone

    rows = read(f"{stamp}: //-1/xxxxxxxxxxxx/SIP/Msg/ccsipDisplayMsg:\nReceived:\n{OPTIONS}\n", zone=time_zone(zone))
    assert [str(row["ts"]) for row in rows["message"]] == [expected]
    assert [row["check_name"] for row in rows["capture_health"]] == (["log_without_times"] if expected == "None" else [])


def test_times_without_dates_take_the_files_day_and_say_so(read: Read, tmp_path: Path) -> None:
    import os

    heads = ("recv 300 bytes from udp/[10.1.0.10]:5060 at 23:59:59.500000:", "send 300 bytes to udp/[10.1.0.10]:5060 at 00:00:00.250000:")
    (tmp_path / "trace.log").write_text("".join(f"{head}\n{OPTIONS}\n" for head in heads))
    os.utime(tmp_path / "trace.log", (1_768_900_000, 1_768_900_000))
    rows: dict[str, list[dict[str, Any]]] = {}
    for batch in read_log(tmp_path / "trace.log", "freeswitch"):
        rows.setdefault(batch.table, []).extend(batch.rows.to_pylist())
    assert [str(row["ts"]) for row in rows["message"]] == ["2026-01-20 23:59:59.500000", "2026-01-21 00:00:00.250000"]
    assert "log_date_supplied" in {row["check_name"] for row in rows["capture_health"]}
