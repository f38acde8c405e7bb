"""Server traces: SipStack and S4 records become messages, all others log events, bad ones rejects. The texts here are synthetic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from lark import Tree

from siplens.logs import read_log, recognise
from siplens.logs.formats import formats
from siplens.logs.grammar import Grammar

Rows = dict[str, list[dict[str, Any]]]

SIPSTACK = "(SIPStack,SIPAdminLog::ProtocolRecord::Flush:ProtocolRecord.cpp(265))"
OPTIONS = """To: <sip:b@example.com>
From: <sip:a@example.com>;tag=1;epid=2
CALL-ID: c1
CSeq: 1 OPTIONS
VIA: SIP/2.0/TLS 10.3.0.5:61182;branch=z9hG4bK6
"""
SDP = "v=0\no=- 0 0 IN IP4 10.3.0.5\ns=-\nc=IN IP4 10.3.0.5\nt=0 0\nm=audio 5000 RTP/AVP 0\n"


def head(time: str = "05:00:43.101", *, flag: str = "TF_PROTOCOL", where: str = SIPSTACK, place: str = r"pool\med01") -> str:
    return f"TL_INFO({flag}) [{place}]06E4.0EB4::01/18/2012-{time}.00005386 {where} [2003888399] "


def sipstack(
    *,
    direction: str = "incoming",
    peer: str = "10.3.0.5:61182",
    headers: str = OPTIONS,
    body: str = "-\n",
    end: str = "$$end_record\n",
    place: str = r"pool\med01",
) -> str:
    facts = f'$$begin_record\nInstance-Id: C2\nDirection: {direction};source="a"\nPeer: {peer}\nMessage-Type: request\n'
    return f"{head(place=place)}{facts}Start-Line: OPTIONS sip:b@example.com SIP/2.0\n{headers}Message-Body: {body}{end}"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Rows]:
    """Writes a log and reads it."""

    def rows_of(text: str | bytes, **options: Any) -> Rows:
        path = tmp_path / "server.log"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        rows: Rows = {table: [] for table in ("message", "sdp_media", "log_event", "log_reject", "source")}
        for batch in read_log(path, "cls", **options):
            batch.rows.validate(full=True)
            rows.setdefault(batch.table, []).extend(batch.rows.to_pylist())
        return rows

    return rows_of


def test_sipstack_record(read: Callable[..., Rows]) -> None:
    rows = read(sipstack())
    (row,) = rows["message"]
    assert row["ts"] == datetime(2012, 1, 18, 5, 0, 43, 101000)
    assert (row["src_ip"], row["src_port"], row["dst_ip"], row["dst_name"]) == ("10.3.0.5", 61182, None, "med01")
    assert (row["line"], row["byte_offset"], row["frame"], row["transport"]) == (1, 0, None, "tls")
    assert (row["start_line"], row["call_id"], row["body"], row["problems"]) == ("OPTIONS sip:b@example.com SIP/2.0", "c1", None, [])
    assert [(source["format"], source["format_status"], source["packets"]) for source in rows["source"]] == [("cls", "verified", 1)]


@pytest.mark.parametrize(
    ("direction", "peer", "place", "src", "dst"),
    [
        ("outgoing", "10.3.0.5:5061", r"pool\med01", (None, None, "med01"), ("10.3.0.5", 5061, None)),
        ("incoming", "fe01.example.com:61182", r"pool\med01", (None, 61182, "fe01.example.com"), (None, None, "med01")),
        ("incoming", "[2001:DB8::1]:5061", "0", ("2001:db8::1", 5061, None), (None, None, None)),
    ],
)
def test_hop(read: Callable[..., Rows], direction: str, peer: str, place: str, src: tuple[Any, ...], dst: tuple[Any, ...]) -> None:
    (row,) = read(sipstack(direction=direction, peer=peer, place=place))["message"]
    assert (row["src_ip"], row["src_port"], row["src_name"]) == src
    assert (row["dst_ip"], row["dst_port"], row["dst_name"]) == dst


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("length", ["", "Content-Length: {}\n"])
def test_body_begins_on_the_line_of_message_body(read: Callable[..., Rows], newline: str, length: str) -> None:
    """The shape is unconfirmed, and the source says so."""
    told = length.format(len(SDP.replace("\n", "\r\n")))
    text = sipstack(headers=f"{OPTIONS}Content-Type: application/sdp\n{told}", body=f"{SDP}\n")
    rows = read(text.replace("\n", newline))
    assert rows["message"][0]["problems"] == []
    assert [(row["address"], row["port"]) for row in rows["sdp_media"]] == [("10.3.0.5", 5000)]
    assert rows["source"][0]["format_status"] == "partly"


S4 = "(S4,SipMessage.DataLoggingHelper:sipmessage.cs(613))"


@pytest.mark.parametrize(
    ("arrow", "src", "dst"),
    [
        (">>>>>>>>>>>>Outgoing SipMessage c=[<SipTcpConnection_21C5C5A>], 10.1.0.10:5068->10.2.0.20:5060", "10.1.0.10", "10.2.0.20"),
        ("<<<<<<<<<<<<Incoming SipMessage c=[<SipTcpConnection_21C5C5A>], 10.1.0.10:49212<-10.2.0.20:5060", "10.2.0.20", "10.1.0.10"),
        ("<<incoming sipmessage c=[x], 10.1.0.10:49212 <- 10.2.0.20:5060", "10.2.0.20", "10.1.0.10"),
    ],
)
def test_s4_record_is_the_gateway_leg(read: Callable[..., Rows], arrow: str, src: str, dst: str) -> None:
    headers = "FROM: <sip:a@b>;tag=1\nTO: <sip:c@d>\nCALL-ID: g1\nCSEQ: 1 INVITE\nVIA: SIP/2.0/TCP 10.1.0.10\n"
    message = f"INVITE sip:+4930@10.2.0.20 SIP/2.0\n{headers}\n{SDP}"
    rows = read(f"{head(where=S4)}\n{arrow}\n{message}\n------------EndOf{arrow.strip('<>')[:8]} SipMessage\n{sipstack()}")
    first, second = rows["message"]
    assert (first["call_id"], first["src_ip"], first["dst_ip"], second["call_id"]) == ("g1", src, dst, "c1")
    assert [(row["dialect"], row["dialect_status"]) for row in (first, second)] == [("s4", "unconfirmed"), ("sipstack", "verified")]
    assert rows["source"][0]["format_status"] == "partly"
    assert rows["log_reject"] == []


def test_other_records_become_events(read: Callable[..., Rows]) -> None:
    report = "Severity: warning\nText: no route\nResult-Code: 0xc3e93c5e SIPPROXY_E_ROUTING\nSIP-Call-ID: c9\nSIP-CSeq: 1 OPTIONS\n"
    rows = read(
        f"{head(flag='TF_DIAG')}$$begin_record\n{report}$$end_record\n"
        f"{head(flag='TF_COMPONENT', where='(MediationServer,Call.OnFork:call.cs(12))', place='3')}( 0000 ) forked\n"
        f"{head(flag='TF_COMPONENT')}Exit\n{report}$$end_record\n"
    )
    assert rows["message"] == []
    shown = ["line", "flag", "machine", "component", "function", "call_id", "result_code"]
    assert [tuple(row[name] for name in shown) for row in rows["log_event"]] == [
        (1, "TF_DIAG", "med01", "SIPStack", SIPSTACK[10:-1], "c9", "0xc3e93c5e SIPPROXY_E_ROUTING"),
        (8, "TF_COMPONENT", "3", "MediationServer", "Call.OnFork:call.cs(12)", None, None),
        (9, "TF_COMPONENT", "med01", "SIPStack", SIPSTACK[10:-1], "c9", "0xc3e93c5e SIPPROXY_E_ROUTING"),
    ]
    assert rows["log_event"][0]["text"] == report.strip()
    assert rows["log_event"][1]["text"] == "( 0000 ) forked"


def test_record_without_its_end_is_closed_by_the_next(read: Callable[..., Rows]) -> None:
    rows = read(sipstack(end="") + sipstack() + sipstack(end=""))
    assert [row["line"] for row in rows["message"]] == [1, 13, 26]
    assert rows["log_reject"] == []


@pytest.mark.parametrize(
    ("bad", "column", "expected"),
    [
        (f"{head()}$$begin_record\nDirection: incoming\n$$end_record\n", 1, "a line Start-Line:"),
        ("TL_INFO(TF_PROTOCOL) [0]ZZZZ.0EB4::01/18/2012-05:00:43.101.00005386 (SIPStack,x(1))\n", 25, "the process id in hexadecimal"),
        ("TL_INFO(TF_PROTOCOL) [0]06E4.0EB4::18 Jan 2012 (SIPStack,x(1))\n", 36, "a date and a time"),
        (f"{head().replace('01/18/2012', '18/45/2012')}text\n", 45, "a date and a time"),
    ],
)
def test_bad_record_costs_one_reject(read: Callable[..., Rows], bad: str, column: int, expected: str) -> None:
    rows = read(sipstack() + bad + sipstack())
    assert len(rows["message"]) == 2
    (reject,) = rows["log_reject"]
    assert reject["column_no"] == column
    assert reject["expected"].startswith(expected)
    assert reject["text"] in bad.splitlines()
    assert reject["caret"] == " " * (column - 1) + "^"


def test_what_is_wrong_with_a_header_line_is_looked_for_so_many_times(read: Callable[..., Rows], monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of nothing but bad lines must not take minutes; each still costs its row."""
    monkeypatch.setattr("siplens.logs.dialects.cls._MOST_IN_DETAIL", 2)
    rows = read("TL_INFO(TF_A) [\n" * 4)
    assert [(row["line"], row["column_no"]) for row in rows["log_reject"]] == [(1, 15), (2, 15), (3, 1), (4, 1)]


def test_text_before_the_first_record_is_told(read: Callable[..., Rows]) -> None:
    rows = read(f"\nCSeq: 1 INVITE\n$$end_record\n{sipstack()}")
    assert [(row["line"], row["text"]) for row in rows["log_reject"]] == [(2, "CSeq: 1 INVITE")]
    assert rows["message"][0]["line"] == 4


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_by_their_mark(read: Callable[..., Rows], encoding: str) -> None:
    text = sipstack(headers=OPTIONS.replace("<sip:a", '"Jörg" <sip:a')).replace("\n", "\r\n").encode(encoding)
    assert recognise(text[:4096]) == "cls"
    (row,) = read(text)["message"]
    assert (row["from_display"], row["problems"], row["line"]) == ("Jörg", [], 1)
    assert row["byte_offset"] == (None if encoding == "utf-16" else 3)


def test_zone_and_date_order(read: Callable[..., Rows]) -> None:
    text = sipstack().replace("01/18/2012", "03/02/2017")
    assert read(text)["message"][0]["ts"] == datetime(2017, 3, 2, 5, 0, 43, 101000)
    assert read(text, date_order="dmy")["message"][0]["ts"] == datetime(2017, 2, 3, 5, 0, 43, 101000)
    east = timezone(timedelta(hours=2))
    rows = read(text, zone=east)
    assert rows["message"][0]["ts"] == datetime(2017, 3, 2, 3, 0, 43, 101000)
    assert rows["source"][0]["first_ts"] == datetime(2017, 3, 2, 3, 0, 43, 101000)


def test_ocslogger_may_write_local_time(read: Callable[..., Rows]) -> None:
    """It writes a processor's number in the bracket; that its zone is not published is told, unless the user says it."""
    assert [row["check_name"] for row in read(sipstack(place="0"))["capture_health"]] == ["log_zone_supplied"]
    assert "capture_health" not in read(sipstack(place="0"), zone=UTC)
    assert "capture_health" not in read(sipstack())


def test_endless_record_is_given_up_and_reading_goes_on(read: Callable[..., Rows]) -> None:
    endless = head() + "x" * 5_000_000 + "\n" + "y" * 9_000_000 + "\n"
    rows = read(endless + sipstack())
    assert [row["expected"] for row in rows["log_reject"]] == ["the next record within 4 MB"]
    assert [row["line"] for row in rows["message"]] == [3]


def test_no_keys_or_proofs_in_events(read: Callable[..., Rows]) -> None:
    secret = "6629fae49393a05397450978507c4ef1"
    lines = f'a=crypto:1 AES inline:{secret}|2^31\nProxy-Authorization: Digest response="{secret}"\n'
    rows = read(
        f"{head(flag='TF_COMPONENT')}dump\n{lines}" + sipstack(headers=f'{OPTIONS}Proxy-Authorization: Digest response="{secret}"\n')
    )
    assert secret not in repr(rows)


def test_rules_and_compiled_terminals_are_one_grammar() -> None:
    """The patterns that carry the volume find what the parser finds."""
    format_ = next(known for known in formats() if known.name == "cls")
    grammar = Grammar(format_, {})
    patterns = {
        "protocol": grammar.pattern("HEAD", "FACTS", "MESSAGE", "END?"),
        "s4": grammar.pattern("HEAD", "ARROW", "S4_MESSAGE", "S4_END?"),
    }
    s4 = f"{head(where=S4)}\n>>Outgoing SipMessage 10.1.0.10:5068->10.2.0.20:5060\nBYE sip:a@b SIP/2.0\n\n--EndOfOutgoing SipMessage\n"
    for text in (sipstack(), sipstack(end=""), sipstack(body=SDP).replace("\n", "\r\n"), s4):
        tree = grammar.parse(text)
        assert isinstance(tree, Tree)
        (content,) = tree.find_pred(lambda node: node.data in patterns)
        found = patterns[content.data].fullmatch(text)
        assert found
        assert [str(token) for token in content.children] == [part for part in found.groupdict().values() if part in content.children]


@pytest.mark.parametrize(
    ("name", "messages", "events"),
    [("edge_sipstack_2012_options_and_error.txt", 1, 1), ("cisco_212383_edge_cls_diag_records.txt", 0, 2)],
)
def test_real_records(shared_data: Path, name: str, messages: int, events: int) -> None:
    path = shared_data / "lync" / name
    assert recognise(path.read_bytes()) == "cls"
    found = {batch.table: batch.rows for batch in read_log(path, "cls")}
    assert "log_reject" not in found
    assert (found["message"].num_rows if "message" in found else 0, found["log_event"].num_rows) == (messages, events)


def test_real_edge_record(shared_data: Path) -> None:
    batches = {
        batch.table: batch.rows.to_pylist() for batch in read_log(shared_data / "lync" / "edge_sipstack_2012_options_and_error.txt", "cls")
    }
    (row,) = batches["message"]
    assert (row["call_id"], row["src_name"], row["src_port"], row["user_agent"]) == (
        "017b06f397b14886bba5edf97ea206bd", "lyncservr.contoso.com", 61182, "RTCC/4.0.0.0",
    )  # fmt: skip
    (event,) = batches["log_event"]
    assert (event["line"], event["call_id"], event["result_code"]) == (
        19,
        "c00bc6180f284b948be61febf274d05e",
        "0xC3E93C5E SIPPROXY_E_ROUTING",
    )
