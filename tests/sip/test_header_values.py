"""From, To, Contact, Via, CSeq: what the row says of each way to write them."""

from __future__ import annotations

from typing import Any

import pytest

from .sip_messages import invite, parsed


def row(*headers: str, **instead: str) -> dict[str, Any]:
    return parsed(invite(*headers, instead={name.replace("_", "-"): value for name, value in instead.items()}))["message"][0]


@pytest.mark.parametrize(
    ("value", "uri", "user", "display", "tag"),
    [
        ("<sip:alice@example.com>;tag=a", "sip:alice@example.com", "alice", None, "a"),
        ("sip:alice@example.com;tag=a", "sip:alice@example.com", "alice", None, "a"),
        ('"Alice"<sip:alice@example.com>;tag=a;epid=e', "sip:alice@example.com", "alice", "Alice", "a"),
        ('"Alice"<sip:alice@example.com>;epid=e;tag=a', "sip:alice@example.com", "alice", "Alice", "a"),
        ("Alice <sip:alice@example.com> ; TAG = a", "sip:alice@example.com", "alice", "Alice", "a"),
        ('"<sip:x@y>;tag=no" <sip:alice@example.com>;tag=a', "sip:alice@example.com", "alice", "<sip:x@y>;tag=no", "a"),
        (r'"A \"B\" \\" <sip:alice@example.com>;tag=a', "sip:alice@example.com", "alice", 'A "B" \\', "a"),
        ("<sip:alice@example.com;tag=no>;tag=a", "sip:alice@example.com;tag=no", "alice", None, "a"),
        ('<sip:alice@example.com>;x=";tag=no";tag=a', "sip:alice@example.com", "alice", None, "a"),
        (
            "<sip:+4930;phone-context=+49@example.com;user=phone>;tag=a",
            "sip:+4930;phone-context=+49@example.com;user=phone",
            "+4930",
            None,
            "a",
        ),
        ("<sip:alice:secret@example.com>;tag=a", "sip:alice:secret@example.com", "alice", None, "a"),
        ("<sip:10.2.0.20:5060>;tag=a", "sip:10.2.0.20:5060", None, None, "a"),
        ("<sip:alice@[2001:db8::1]:5060>;tag=a", "sip:alice@[2001:db8::1]:5060", "alice", None, "a"),
        ("<tel:+493012;ext=5>;tag=a", "tel:+493012;ext=5", "+493012", None, "a"),
        ("<sip:alice@example.com>", "sip:alice@example.com", "alice", None, None),
        ("Jörg <sip:j@example.com>;tag=a", "sip:j@example.com", "j", "Jörg", "a"),
    ],
)
def test_from(value: str, uri: str, user: str | None, display: str | None, tag: str | None) -> None:
    found = row(From=value)
    assert (found["from_uri"], found["from_user"], found["from_display"], found["from_tag"]) == (uri, user, display, tag)
    assert found["problems"] == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ('"Alice <sip:alice@example.com>;tag=a', "a quoted string does not end"),
        ("Bell, Alexander <sip:a@example.com>;tag=a", "a display name without quotes has characters that need them"),
        ("<sip:alice@example.com;tag=a", "a URI is empty, or its angle brackets are not one pair"),
        ("< sip:alice@example.com >;tag=a", "a URI has spaces in or around it"),
        ("sip:alice@example.com?x=y;tag=a", "a URI with a question mark or a comma has no angle brackets"),
        ("<sip:alice@example.com>;;tag=a", "a header has empty parameters or values, or something else where a parameter should begin"),
    ],
)
def test_broken_from_is_read_as_far_as_it_goes(value: str, problem: str) -> None:
    found = row(From=value)
    assert found["problems"] == [problem]
    assert "example.com" in found["from_uri"]


@pytest.mark.parametrize(
    ("value", "sent_by", "transport", "branch"),
    [
        ("SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK7", "192.0.2.1:5061", "tls", "z9hG4bK7"),
        ("SIP/2.0/UDP pc.example.com;rport;branch=z9hG4bK7;received=192.0.2.9", "pc.example.com", "udp", "z9hG4bK7"),
        ("SIP / 2.0 / TCP  pc.example.com ; branch = z9hG4bK7", "pc.example.com", "tcp", "z9hG4bK7"),
        ("SIP/2.0/UDP [2001:db8::9:1]:5060;branch=z9hG4bK7, SIP/2.0/UDP b;branch=z9hG4bK8", "[2001:db8::9:1]:5060", "udp", "z9hG4bK7"),
        # A client's own Via may lack a branch (Lync 2013, DOMAIN 2.3).
        ("SIP/2.0/TLS 192.168.66.57:1590;ms-received-port=1590;ms-received-cid=C6B200", "192.168.66.57:1590", "tls", None),
    ],
)
def test_topmost_via(value: str, sent_by: str, transport: str, branch: str | None) -> None:
    found = row("Via: SIP/2.0/UDP below.example.com;branch=z9hG4bKbelow", Via=value)
    assert (found["via_sent_by"], found["transport"], found["branch"], found["problems"]) == (sent_by, transport, branch, [])


@pytest.mark.parametrize(
    ("value", "uri"),
    [
        ("<sip:a@10.2.0.20:5060;transport=tcp>;expires=60", "sip:a@10.2.0.20:5060;transport=tcp"),
        ("sip:a@10.2.0.20, sip:b@10.2.0.21", "sip:a@10.2.0.20"),
        ('"a, b" <sip:a@10.2.0.20>, <sip:b@10.2.0.21>', "sip:a@10.2.0.20"),
        ("*", "*"),
    ],
)
def test_contact_is_the_first(value: str, uri: str) -> None:
    assert row(f"Contact: {value}")["contact_uri"] == uri


@pytest.mark.parametrize(
    ("value", "number", "method", "problems"),
    [
        ("7 INVITE", 7, "INVITE", []),
        ("0007   INVITE", 7, "INVITE", []),
        ("7 ACK", 7, "ACK", ["the method in CSeq is not that of the start line"]),
        ("36893488147419103232 INVITE", None, "INVITE", ["CSeq is not a number below 2^31 and a method"]),
        ("seven INVITE", None, "INVITE", ["CSeq is not a number below 2^31 and a method"]),
        ("7", 7, "INVITE", ["CSeq is not a number below 2^31 and a method"]),
    ],
)
def test_cseq(value: str, number: int | None, method: str, problems: list[str]) -> None:
    found = row(CSeq=value)
    assert (found["cseq"], found["method"], found["problems"]) == (number, method, problems)


def test_response_takes_its_method_from_cseq() -> None:
    found = parsed(invite(start="SIP/2.0 183 Session Progress"))["message"][0]
    assert (found["method"], found["status"], found["reason_phrase"], found["request_uri"]) == ("INVITE", 183, "Session Progress", None)


def test_record_route_with_a_tag_is_not_mistaken() -> None:
    found = row("Record-Route: <sip:pool.example.com:5061;transport=tls;lr>;tag=0C757E5C", To="<sip:b@example.com>;epid=01")
    assert (found["to_tag"], found["from_tag"]) == (None, "f1")
