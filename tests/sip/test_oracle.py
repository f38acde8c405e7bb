"""The compiled scan against the grammars: on real messages of texts and logs, on made ones, and on both with faults put in."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siplens.logs.framing import framed, unescaped

from .oracle import assert_same_messages, assert_same_sdp

QUIET = settings(max_examples=120, suppress_health_check=list(HealthCheck))


def faulty(texts: list[bytes], faults: list[bytes], count: int, seed: int) -> list[bytes]:
    """Copies of the texts, each with one or two small pieces put in, taken out or exchanged."""
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        text = bytearray(chance.choice(texts)[:2000])
        for _ in range(chance.randint(1, 2)):
            place = chance.randrange(len(text))
            text[place : place + chance.randint(0, 2)] = chance.choice(faults)
        made.append(bytes(text))
    return made


SIP_FAULTS = [
    b'"',
    b"<",
    b">",
    b";",
    b",",
    b" ",
    b"=",
    b":",
    b"?",
    b"@",
    b"\r\n",
    b"\n",
    b"\t",
    b"\\",
    b"1",
    b";tag=x",
    b";tag",
    b"\r\n ",
    b"",
]
SDP_FAULTS = [b" ", b"  ", b":", b"=", b"\r\n", b"\n", b"\t", b"/", b"1", b".", b"m=", b"a=", b"c=", b"typ", b"99999", b""]


@pytest.fixture(scope="module")
def real_messages(shared_data: Path) -> list[bytes]:
    files = [*shared_data.glob("sipmsg/rfc4475/*.dat"), *shared_data.glob("sipmsg/kamailio/*.sip"), *shared_data.glob("lync/*.sip")]
    return [path.read_bytes() for path in sorted(files)]


@pytest.fixture(scope="module")
def real_sdp(shared_data: Path, real_messages: list[bytes]) -> list[bytes]:
    bodies = [re.split(rb"\r?\n\r?\n", message, maxsplit=1)[-1] for message in real_messages]
    files = [*sorted(shared_data.glob("sipmsg/sofia_sdp/*.sdp")), shared_data / "lync" / "sfb_client_sdp_x_bypassid.sdp"]
    return [body for body in bodies if body.startswith(b"v=0")] + [path.read_bytes() for path in files]


@pytest.fixture(scope="module")
def logged_messages(shared_data: Path) -> list[bytes]:
    """Messages as logs hold them, without what the logs put around."""
    found = []
    for path in sorted([*shared_data.glob("lync/*.txt"), *shared_data.glob("teams/*.txt")]):
        text = unescaped(path.read_text(encoding="latin-1"))
        while framed_ := framed(text):
            found.append(framed_.message.encode("latin-1"))
            text = framed_.after
    return found


def test_messages_of_real_logs(logged_messages: list[bytes]) -> None:
    assert assert_same_messages(logged_messages) >= 4  # the others are cut, or lost line ends on their way


def test_real_messages(real_messages: list[bytes]) -> None:
    assert assert_same_messages(real_messages) >= 39


def test_real_sdp(real_sdp: list[bytes]) -> None:
    assert assert_same_sdp(real_sdp) >= 40


@pytest.mark.parametrize("seed", range(3))
def test_faulty_messages(real_messages: list[bytes], seed: int) -> None:
    assert assert_same_messages(faulty(real_messages, SIP_FAULTS, 400, seed)) > 40


@pytest.mark.parametrize("seed", range(3))
def test_faulty_sdp(real_sdp: list[bytes], seed: int) -> None:
    assert assert_same_sdp(faulty(real_sdp, SDP_FAULTS, 300, seed)) > 150


WORD = st.text("abcXYZ019-.!%*_+`'~", min_size=1, max_size=8)
SPACE = st.sampled_from(["", " ", "\t ", "\r\n "])
HOST = st.sampled_from(["example.com", "192.0.2.1:5060", "[2001:db8::1]:5061", "a-b.c"])
QUOTED = st.text('abc "\\<>;,=é\x00@', max_size=8).map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
URI = st.builds(
    "{}:{}{}{}".format, st.sampled_from(["sip", "sips"]), st.just("") | WORD.map("{}@".format), HOST, st.just("") | WORD.map(";{}".format)
)
PARAM = st.builds(
    "{}{};{}{}{}".format, SPACE, st.just(""), SPACE, WORD, st.just("") | st.builds("{}={}{}".format, SPACE, SPACE, WORD | QUOTED)
)
TAG = st.builds("{};{}tag{}={}{}".format, SPACE, SPACE, SPACE, SPACE, WORD)
PARAMS = st.builds(lambda params, tag: "".join([*params, tag]), st.lists(PARAM, max_size=3), st.just("") | TAG)
DISPLAY = st.just("") | QUOTED | st.lists(WORD, min_size=1, max_size=3).map(" ".join)
ADDRESS = st.builds("{}{}<{}>{}".format, DISPLAY, SPACE, URI, PARAMS)
VIA = st.builds("SIP{0}/{0}2.0{0}/{0}{1} {2}{3}".format, st.sampled_from(["", " "]), st.sampled_from(["UDP", "tls"]), HOST, PARAMS)
HEADER = st.builds(
    "{}{}:{}{}".format,
    st.sampled_from(
        ["Supported", "k", "REQUIRE", "Allow", "Subject", "X-MS-UserLocation", "ms-diagnostics", "Server", "History-Info", "Warning"]
    ),
    st.sampled_from(["", " "]),
    SPACE,
    st.text('abc ;,="<>é:/@1', max_size=12).map(str.strip),
)


@st.composite
def made_messages(draw: st.DrawFn) -> bytes:
    method = draw(WORD)
    start = draw(st.sampled_from([f"{method} {draw(URI)} SIP/2.0", "SIP/2.0 200 OK", "SIP/2.0 180 "]))
    lines = [
        f"{draw(st.sampled_from(['Via', 'v', 'VIA']))}: {draw(VIA)}",
        f"{draw(st.sampled_from(['From', 'f']))}: {draw(ADDRESS)}",
        f"{draw(st.sampled_from(['To', 'TO']))}: {draw(ADDRESS)}",
        f"Call-ID: {draw(WORD)}",
        f"CSeq: {draw(st.integers(0, 2**31 - 1))} {method}",
        f"Contact: {draw(ADDRESS | st.just('*') | st.lists(ADDRESS, min_size=2, max_size=2).map(','.join))}",
        *draw(st.lists(HEADER, max_size=4)),
    ]
    text = "\r\n".join([start, *draw(st.permutations(lines))]) + "\r\n\r\n"
    return text.encode()


@QUIET
@given(made_messages())
def test_made_messages(message: bytes) -> None:
    assert_same_messages([message])


def joined(*parts: Any) -> Any:
    """One text from parts, each a text or a strategy."""
    strategies = [part if isinstance(part, st.SearchStrategy) else st.just(part) for part in parts]
    return st.tuples(*strategies).map(lambda texts: "".join(map(str, texts)))


NUMBER = st.integers(0, 70000)
TYPES = st.lists(st.integers(0, 130), max_size=4).map(lambda types: "".join(f" {payload}" for payload in types))
FLAG = st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive", "ice-lite", "rtcp-mux", "rtcp-fb:* x", "sendonly:x", "rtpmap"])
FIELD = st.sampled_from(["ice-ufrag:", "x-bypassid:", "fingerprint:sha-1 ", "x-mediasettings:"])
CRYPTO = st.sampled_from(["crypto:1 ", "cryptoscale:1 client "])
SUITE = st.sampled_from(["", "AES_CM_128_HMAC_SHA1_80 "])
PRIORITY = st.sampled_from(["0.830", "1684797951"])
KIND = st.sampled_from(["", " typ host", " typ relay raddr 2001:DB8::1 rport 7", " typ"])
PROTO = st.sampled_from(["RTP/AVP", "RTP/SAVP", "udptl"])
M_LINE = joined("m=", st.sampled_from(["audio", "video"]), " ", NUMBER, " ", PROTO, TYPES)
SESSION_LINE = st.one_of(
    joined("c=IN ", st.sampled_from(["IP4 192.0.2.7", "IP6 2001:DB8::0:1", "IP4 224.2.1.1/127"])),
    joined("a=", FLAG),
    joined("a=", FIELD, st.sampled_from(["", " "]), WORD),
)
MEDIA_LINE = st.one_of(
    M_LINE,
    SESSION_LINE,
    joined("a=rtpmap:", st.integers(0, 130), " ", WORD, "/8000"),
    joined("a=", CRYPTO, SUITE, "inline:x|2^31"),
    joined("a=rtcp:", NUMBER, st.sampled_from(["", " IN IP4 192.0.2.1"])),
    joined("a=ptime:", st.sampled_from(["20", "2.5", "x"])),
    joined("a=candidate:", WORD, " ", st.integers(0, 300), " ", WORD, " UDP ", PRIORITY, " 192.0.2.3 ", NUMBER),
    joined("a=candidate:", WORD, " ", st.integers(0, 300), " TCP-ACT ", PRIORITY, " 192.0.2.3 ", NUMBER, KIND),
)


@QUIET
@given(st.lists(SESSION_LINE, max_size=3), M_LINE, st.lists(MEDIA_LINE, max_size=10), st.sampled_from(["\r\n", "\n", " \r\n"]))
def test_made_sdp(session: list[str], media: str, lines: list[str], ending: str) -> None:
    assert_same_sdp([ending.join(["v=0", *session, media, *lines, ""]).encode()])
