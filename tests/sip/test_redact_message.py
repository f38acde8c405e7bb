"""SIP under pseudonyms: as long as it was, nobody named, and what is related stays related."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siplens.sip.pseudonyms import Pseudonyms
from siplens.sip.redact_message import redact_sip
from siplens.sip.redact_words import Words


@pytest.fixture
def words() -> Words:
    return Words(Pseudonyms(b"for tests only"))


HEADERS = {
    'From: "Anna Schmidt" <sip:anna@contoso.example;user=phone>;tag=abc123;epid=00ff1': ("Anna", "anna", "Schmidt", "abc123", "00ff1"),
    "To: Bob <sip:+14255550158@10.2.0.20:5068>": ("Bob", "14255550158", "10.2.0.20"),
    "t: <tel:+1-425-555-0158;phone-context=contoso.example>": ("425", "0158", "contoso"),
    "Contact: <sip:anna:pass@[2001:db8::a1]:5060;maddr=10.3.0.51>": ("anna", "pass", "db8::a1", "10.3.0.51"),
    'm: <sip:anna@10.3.0.51>;+sip.instance="<urn:uuid:1f00aa>"': ("anna", "1f00aa", "10.3.0.51"),
    "Via: SIP/2.0/UDP 10.1.0.10:5060;branch=z9hG4bK10.1.0.10;received=10.1.0.11, SIP/2.0/TLS med01.contoso.example": ("10.1.0", "med01"),
    "Via: SIP/A.0/\x0bDP 10.1.0.10;branch=z9hG4bK1": ("10.1.0.10",),
    "Call-ID: 4711@10.1.0.10": ("4711", "10.1.0.10"),
    "Refer-To: <sip:bob@x.example?Replaces=4711%4010.1.0.10%3Bto-tag%3Dabc123>": ("bob", "4711", "abc123"),
    'Authorization: Digest username="anna", realm="contoso", response="6629fae4", nc=00000001': ("anna", "contoso", "6629fae4"),
    "Subject: Anna's salary": ("Anna", "salary"),
    "X-Unheard-Of: secret 42": ("secret", "42"),
    'P-Asserted-Identity: "Anna" <sip:anna@contoso.example>,\r\n <tel:+4930123456>': ("Anna", "anna", "30123456"),
    'ms-diagnostics: 10500;source="med01.contoso.example";reason="10.2.0.20 refused +14255550158"': ("med01", "10.2.0.20"),
    'Warning: 399 gw1.contoso.example "no route to +14255550158"': ("gw1", "contoso", "14255550158"),
}
KEPT = {
    "CSeq: 99750393 INVITE": "CSeq: 99750393 INVITE",
    "User-Agent: RTC/5.0 MediationServer": "User-Agent: RTC/5.0 MediationServer",
    'Reason: Q.850;cause=16;text="Normal"': "cause=16",
    "Require: 100rel": "100rel",
    'ms-diagnostics: 10500;reason="Gateway responded"': '10500;reason="Gateway responded"',
}
BODIES = {
    "o=anna 17 18 IN IP4 10.3.0.51": ("anna", "10.3.0.51"),
    "s=Call of Anna": ("Anna",),
    "c=IN IP6 2001:db8::a1": ("db8::a1",),
    "c=IN IP4 media.contoso.example": ("media", "contoso"),
    "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^31": ("PS1u",),
    "a=ice-pwd:abcdefghij": ("abcdefghij",),
    "a=candidate:1 1 UDP 2130706431 10.3.0.51 50020 typ srflx raddr 192.168.1.5 rport 5": ("10.3.0.51", "192.168.1.5"),
    "a=candidate:name0 1 pass0 UDP 0.830 10.3.0.51 50020": ("name0", "pass0", "10.3.0.51"),
    "a=rtcp:50021 IN IP4 10.3.0.51": ("10.3.0.51",),
    "e=anna@contoso.example": ("anna", "contoso"),
    "k=clear:verysecret": ("verysecret",),
    "a=ssrc:17 cname:anna@pc7": ("anna", "pc7"),
}


def message(*headers: str, body: str = "", kind: str = "application/sdp") -> bytes:
    about = [f"Content-Type: {kind}"] if body else []
    lines = ["INVITE sip:+14255550158@gw1.contoso.example;user=phone SIP/2.0", *headers, *about, f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines).encode("latin-1")


@pytest.mark.parametrize(("header", "secrets"), HEADERS.items(), ids=lambda value: value[:24] if isinstance(value, str) else "")
def test_headers_name_nobody(header: str, secrets: tuple[str, ...], words: Words) -> None:
    raw = message(header)
    made = redact_sip(raw, words)
    assert len(made) == len(raw)
    assert not [secret for secret in (*secrets, "14255550158", "contoso") if secret.encode() in made]
    assert made.split(b"\r\n")[1].partition(b":")[0] == raw.split(b"\r\n")[1].partition(b":")[0]


@pytest.mark.parametrize(("header", "kept"), KEPT.items())
def test_what_says_nothing_of_people_stays(header: str, kept: str, words: Words) -> None:
    assert kept.encode() in redact_sip(message(header), words)


@pytest.mark.parametrize(("line", "secrets"), BODIES.items(), ids=lambda value: value[:16] if isinstance(value, str) else "")
@pytest.mark.parametrize("parted", [False, True])
def test_sdp_names_nobody(line: str, secrets: tuple[str, ...], parted: bool, words: Words) -> None:
    body = f"v=0\r\n{line}\r\nm=audio 50020 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
    kind = "application/sdp"
    if parted:
        body = f"--b\r\nContent-Type: application/sdp\r\nContent-ID: <anna>\r\n\r\n{body}\r\n--b--\r\n"
        kind = "multipart/alternative;boundary=b"
    raw = message(body=body, kind=kind)
    made = redact_sip(raw, words)
    assert len(made) == len(raw)
    assert b"m=audio 50020 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n" in made
    assert not [secret for secret in secrets if secret.encode() in made]


def test_digits_and_other_bodies_are_blanked(words: Words) -> None:
    pressed = redact_sip(message(body="Signal= 7\r\nDuration= 160\r\n", kind="application/dtmf-relay"), words)
    assert b"Signal= 0\r\nDuration= 160" in pressed
    said = redact_sip(message(body="Hello Anna, the code is 4711", kind="text/plain"), words)
    assert said.endswith(b"xxxxx xxxx, xxx xxxx xx xxxx")


def test_messages_one_after_another_keep_their_places_and_a_cut_one_its_secrets(words: Words) -> None:
    one = message("From: <sip:anna@contoso.example>", body="v=0\r\nc=IN IP4 10.3.0.51\r\n")
    assert redact_sip(one + b"\r\n\r\n" + one, words) == redact_sip(one, words) + b"\r\n\r\n" + redact_sip(one, words)
    cut = one[20:]
    assert b"anna" not in redact_sip(cut, words)
    assert b"10.3.0.51" not in redact_sip(cut, words)


@given(st.binary(max_size=300))
def test_anything_keeps_its_length(raw: bytes) -> None:
    words = Words(Pseudonyms(b"for tests only"))
    assert len(redact_sip(raw, words)) == len(raw)
    framed = b"SIP/2.0 200 OK\r\n" + raw
    assert len(redact_sip(framed, words)) == len(framed)


@given(st.ip_addresses(), st.ip_addresses())
def test_addresses_stay_apart_and_keep_their_length(one: object, other: object) -> None:
    pseudonyms = Pseudonyms(b"for tests only")
    first, second = (pseudonyms.address(str(each)) for each in (one, other))
    assert first is not None
    assert len(first) == len(str(one))
    assert ip_address(first).version == ip_address(str(one)).version
    assert (first == second) == (one == other)


def test_related_things_stay_related() -> None:
    pseudonyms = Pseudonyms(b"for tests only")
    international, national, foreign = (pseudonyms.name(each) for each in ("+14255550158", "0014255550158", "4255550158"))
    assert international[2:] == national[3:] == foreign
    near, far = pseudonyms.address("10.3.0.51"), pseudonyms.address("10.3.0.99")
    assert near is not None
    assert far is not None
    assert near.rpartition(".")[0] == far.rpartition(".")[0]
    assert near.startswith("10.")
    assert pseudonyms.host("gw1.contoso.example").partition(".")[2] == pseudonyms.host("contoso.example")
    assert pseudonyms.host("sip.pstnhub.microsoft.com") == "sip.pstnhub.microsoft.com"
    assert pseudonyms.name("anonymous") == "anonymous"
    assert Pseudonyms(b"another key").name("+14255550158") != international
