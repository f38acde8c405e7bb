"""Whole messages: names in any form, joined headers, bodies and their length, bytes that are not UTF-8, and garbage."""

from __future__ import annotations

import pytest

from siplens.sip.problems import WORDS

from .sip_messages import invite, parsed


def test_compact_names_folding_and_case() -> None:
    text = (
        b"INVITE sip:b@example.com SIP/2.0\r\nv:SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFROM:\r\n  <sip:a@example.com>\r\n\t;tag=f\r\n"
        b"t : <sip:b@example.com>\r\ni: c1\r\nCSEQ: 1\r\n INVITE\r\nm: <sip:a@192.0.2.1>\r\nk: 100rel\r\nSUPPORTED: timer\r\n"
        b"Subject: one\r\n  two\r\n\r\n"
    )
    (row,) = parsed(text)["message"]
    assert row["problems"] == []
    assert (row["from_uri"], row["from_tag"], row["to_uri"], row["call_id"]) == ("sip:a@example.com", "f", "sip:b@example.com", "c1")
    assert (row["cseq"], row["method"], row["contact_uri"], row["supported"]) == (1, "INVITE", "sip:a@192.0.2.1", "100rel, timer")
    assert row["headers"][1] == {"name": "FROM", "value": "<sip:a@example.com> ;tag=f"}
    assert row["headers"][-1] == {"name": "Subject", "value": "one two"}


def test_headers_of_one_name_are_joined() -> None:
    row = parsed(
        invite(
            "Supported: ms-early-media",
            "Supported: 100rel",
            'ms-diagnostics: 1034;source="a"',
            'Ms-Client-Diagnostics: 22;reason="b"',
            "X-MS-MediaPath: sbc.example.com",
            "X-MS-UserLocation: internal",
            "Server: RTCC/6.0.0.0 MediationServer",
            "history-info: <sip:x@example.com>;index=1",
        )
    )["message"][0]
    assert row["supported"] == "ms-early-media, 100rel"
    assert row["ms_diagnostics"] == 'ms-diagnostics: 1034;source="a"\nMs-Client-Diagnostics: 22;reason="b"'
    assert row["x_ms"] == "X-MS-MediaPath: sbc.example.com\nX-MS-UserLocation: internal"
    assert (row["user_agent"], row["diversion"]) == ("RTCC/6.0.0.0 MediationServer", "<sip:x@example.com>;index=1")
    assert row["require"] is None


def test_user_agent_goes_before_server() -> None:
    row = parsed(invite("Server: a", "User-Agent: b"))["message"][0]
    assert row["user_agent"] == "b"


def test_lines_may_end_in_newline_alone() -> None:
    body = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
    rows = parsed(invite("Content-Type: application/sdp", body=body).replace(b"\r\n", b"\n"))
    assert rows["message"][0]["problems"] == []
    assert rows["sdp_media"][0]["address"] == "192.0.2.1"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (invite("Content-Length: 5", "Content-Type: text/plain") + b"abc", "the body is shorter than Content-Length"),
        (invite("Content-Length: 2", "Content-Type: text/plain") + b"abc", "there are bytes after the body that Content-Length tells"),
        (invite("Content-Length: -1"), "Content-Length is not a number"),
        (invite() + b"abc", "there is a body but no Content-Type"),
        (invite(instead={"To": ""}), "To is missing"),
        (invite(instead={"Via": ""}), "Via is missing"),
        (invite(instead={"Call-ID": ""}), "Call-ID is missing"),
        (invite("From: <sip:c@example.com>;tag=2"), "a header that may stand once stands more than once"),
        (invite("nonsense"), "a header line has no name, or a name with spaces"),
        (invite().removesuffix(b"\r\n"), "there is no empty line after the headers"),
        (invite(start="INVITE sip:b@example.com SIP/3.0"), "the version is not SIP/2.0"),
        (invite(start="SIP/2.0 99 Odd"), "the status code is not three digits from 100 to 699"),
        (invite("Max-Forwards: 256"), "a number is out of range"),
    ],
)
def test_what_is_wrong_is_told_and_the_row_kept(text: bytes, problem: str) -> None:
    (row,) = parsed(text)["message"]
    assert row["problems"] == [problem]
    assert row["from_user"] == "+49301"


def test_status_that_cannot_be_read_is_still_a_response() -> None:
    assert parsed(invite(start="SIP/2.0 4294967301 Odd"))["message"][0]["status"] == 0


@pytest.mark.parametrize("text", [b"\x00\xff garbage", b"\r\n\r\n", b"SIP", b":", b" \r\n \r\n", b"a b c\r\n:\r\n\r\nbody"])
def test_garbage_is_kept_and_marked(text: bytes) -> None:
    (row,) = parsed(text)["message"]
    assert row["problems"]


@pytest.mark.parametrize("body", ["käse".encode("latin-1"), b"\x80\x00\xff", b"\xed\xa0\x80", b"\xc0\xaf"])
def test_bytes_that_are_not_utf8_survive(body: bytes) -> None:
    row = parsed(invite("Content-Type: text/plain", body=body))["message"][0]
    assert row["charset"] == "latin-1"
    assert row["body"].encode("latin-1") == body
    assert row["body_bytes"] == len(body)
    assert row["problems"] == ["the text is not UTF-8; it was read as latin-1"]


def test_utf8_and_nul_survive() -> None:
    row = parsed(invite("Subject: \x00 ключ", "Content-Type: text/plain", body="日本\x00".encode()))["message"][0]
    assert (row["charset"], row["problems"], row["body"]) == ("utf-8", [], "日本\x00")
    assert row["headers"][5]["value"] == "\x00 ключ"


def test_messages_keep_their_order_and_numbers() -> None:
    plain, rewritten = invite(), invite("Subject: a\r\n b")
    rows = parsed(plain, rewritten, plain)["message"]
    assert [row["ordinal"] for row in rows] == [0, 1, 2]
    assert [len(row["headers"]) for row in rows] == [5, 6, 5]


@pytest.mark.parametrize(
    "text",
    [
        invite("X: a" + " " * 500_000 + "b\r\n folded"),
        invite("Authorization: Digest" + " response=" * 50_000),
        invite("Contact: <sip:a@b>" + ";a" * 250_000),
        invite("Content-Type: application/vq-rtcpxr", body=b"LocalAddr:" + b"a" * 500_000),
        invite("Content-Type: application/vq-rtcpxr", body=b"LocalAddr:x" + b" " * 500_000 + b"y"),
        invite("Content-Type: multipart/mixed;boundary=b", body=b"--b\r\n\r\n" * 70_000),
    ],
    ids=["spaces before a fold", "proofs", "parameters", "letters in a report", "spaces in a report", "parts"],
)
def test_long_runs_do_not_cost_their_square(text: bytes) -> None:
    """Where they did, this would take minutes."""
    assert len(parsed(text)["message"]) == 1


def test_every_problem_has_its_word() -> None:
    from siplens.sip.layout import BAD_REPORT

    assert len(WORDS) == BAD_REPORT.bit_length()
