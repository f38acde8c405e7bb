"""SDP: addresses, codecs, direction, encryption, ICE and bypass attributes of m-lines, in plain and multipart bodies."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from .sip_messages import Rows, invite, parsed

SESSION = "v=0\r\no=- 7 3 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"


def sdp(*lines: str, content_type: str = "application/sdp") -> Rows:
    body = SESSION + "".join(f"{line}\r\n" for line in lines)
    return parsed(invite(f"Content-Type: {content_type}", body=body.encode()))


def media(*lines: str) -> dict[str, Any]:
    (row,) = sdp(*lines)["sdp_media"]
    return row


def test_address_of_the_m_line_goes_before_the_sessions() -> None:
    rows = sdp("m=audio 4000 RTP/AVP 0", "c=IN IP4 192.0.2.2", "c=IN IP4 192.0.2.3", "m=video 0 RTP/AVP 31")["sdp_media"]
    assert [(row["m_index"], row["media"], row["address"], row["port"]) for row in rows] == [
        (0, "audio", "192.0.2.2", 4000),
        (1, "video", "192.0.2.1", 0),
    ]
    assert {(row["origin_address"], row["session_version"]) for row in rows} == {("192.0.2.9", "3")}


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("c=IN IP4 224.2.1.1/127/3", "224.2.1.1"),
        ("c=IN IP6 2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("c=IN IP4 media.example.com", "media.example.com"),
        ("c=IN IP4 0.0.0.0", "0.0.0.0"),
    ],
)
def test_connection_address(line: str, address: str) -> None:
    assert media("m=audio 4000 RTP/AVP 0", line)["address"] == address


def test_codecs_by_rtpmap_then_by_static_table() -> None:
    row = media("m=audio 4000/2 RTP/SAVP 114 8 0 97 13 x", "a=rtpmap:114 x-msrta/16000", "a=rtpmap:0 pcmu/8000", "a=ptime:20")
    assert row["payload_types"] == ["114", "8", "0", "97", "13", "x"]
    assert row["codecs"] == ["x-msrta/16000", "PCMA/8000", "pcmu/8000", None, "CN/8000", "x"]
    assert (row["port"], row["proto"], row["ptime_ms"]) == (4000, "RTP/SAVP", 20)


def test_rtpmap_of_one_m_line_says_nothing_of_the_next() -> None:
    rows = sdp("m=audio 1 RTP/AVP 96", "a=rtpmap:96 opus/48000/2", "m=audio 2 RTP/AVP 96", "m=image 3 udptl t38")["sdp_media"]
    assert [row["codecs"] for row in rows] == [["opus/48000/2"], [None], ["t38"]]


def test_direction_is_inherited() -> None:
    rows = sdp("a=sendonly", "m=audio 1 RTP/AVP 0", "m=video 2 RTP/AVP 31", "a=inactive")["sdp_media"]
    assert [row["direction"] for row in rows] == ["sendonly", "inactive"]
    assert media("m=audio 1 RTP/AVP 0")["direction"] == "sendrecv"


def test_rtcp_ice_fingerprint_and_bypass_attributes() -> None:
    row = media(
        "a=ice-lite", "a=fingerprint:sha-256 AA:BB", "m=audio 1 RTP/SAVP 0", "a=rtcp:53020 IN IP4 192.0.2.3", "a=rtcp-mux",
        "a=ice-ufrag: 6nxO", "a=x-bypassid:BE38F190-A24A-4A72-B66C-B09FD0909EBC", "a=x-mediasettings:signalboostunsupported",
    )  # fmt: skip
    assert (row["rtcp_port"], row["rtcp_mux"], row["ice_lite"], row["ice_ufrag"]) == (53020, True, True, "6nxO")
    assert row["fingerprint"] == "sha-256 AA:BB"
    assert (row["bypass_id"], row["media_settings"]) == ("be38f190-a24a-4a72-b66c-b09fd0909ebc", "signalboostunsupported")


def test_candidates_in_both_forms() -> None:
    rows = sdp(
        "m=audio 31848 RTP/SAVP 0",
        "a=candidate:d5lFvGToRDKh/UhyFNN9rharqthzUrF2FIRP+boPcnE 1 1Riht1AWk/x7TSyhrZQfDA UDP 0.830 192.168.66.57 31848 ",
        "a=candidate:4 1 TCP-ACT 1684797951 192.168.56.1 15676 typ srflx raddr 192.168.56.2 rport 15677 MTURNID x",
        "a=x-candidate-ipv6:3 2 UDP 33553407 2001:0:5ef5:0::1 2936 typ host",
    )["ice_candidate"]
    shown = ["form", "component", "transport", "priority", "address", "port", "type", "related_address", "related_port"]
    assert [tuple(row[name] for name in shown) for row in rows] == [
        ("draft6", 1, "udp", 0.83, "192.168.66.57", 31848, None, None, None),
        ("rfc5245", 1, "tcp-act", 1684797951.0, "192.168.56.1", 15676, "srflx", "192.168.56.2", 15677),
        ("rfc5245", 2, "udp", 33553407.0, "2001:0:5ef5::1", 2936, "host", None, None),
    ]
    assert rows[0]["foundation"] == "d5lFvGToRDKh/UhyFNN9rharqthzUrF2FIRP+boPcnE"


@pytest.mark.parametrize(
    "line", ["m=audio 70000 RTP/AVP 0", "m=audio", "a=rtpmap:0", "a=candidate:1 1 UDP", "c=IN IP4", "a=rtcp:x", "o=- 0 0", "a=crypto:1"]
)
def test_lines_that_cannot_be_read_are_told(line: str) -> None:
    rows = sdp("m=audio 4000 RTP/AVP 0", line)
    assert rows["message"][0]["problems"] == ["a line of SDP cannot be read"]
    assert rows["sdp_media"][0]["port"] == 4000


def part(text: str, *headers: str) -> bytes:
    return "".join(f"{header}\r\n" for header in headers).encode() + b"\r\n" + text.encode()


def multipart(*parts: bytes, kind: str = "alternative", boundary: str = "b1") -> bytes:
    return b"".join(b"--" + boundary.encode() + b"\r\n" + text + b"\r\n" for text in parts) + b"--" + boundary.encode() + b"--\r\n"


OLD = part(
    f"{SESSION}m=audio 0 RTP/AVP\r\n",
    "Content-Type: application/sdp",
    "Content-Transfer-Encoding: 7bit",
    "Content-Disposition: session; handling=optional; ms-proxy-2007fallback",
)
NEW = part(f"{SESSION}m=audio 5000 RTP/SAVP 0\r\n", "content-type: application/sdp", "Content-Disposition: session; handling=optional")


def of_parts(*parts: bytes) -> list[tuple[int, str, bool, int]]:
    rows = parsed(invite('Content-Type: multipart/alternative;boundary="b1"', body=multipart(*parts)))
    assert rows["message"][0]["problems"] == []
    return [(row["part"], row["content_type"], row["is_fallback"], row["port"]) for row in rows["sdp_media"]]


def test_the_part_without_fallback_counts() -> None:
    assert of_parts(OLD, NEW) == [(0, "application/sdp", True, 0), (1, "application/sdp", False, 5000)]
    assert of_parts(NEW, OLD) == [(0, "application/sdp", False, 5000), (1, "application/sdp", True, 0)]


def test_fallback_alone_counts() -> None:
    assert of_parts(OLD) == [(0, "application/sdp", False, 0)]


def test_gateway_part_carries_its_bypass_id() -> None:
    gateway = part(f"{SESSION}m=audio 6000 RTP/AVP 0\r\n", "Content-Type: application/gw-sdp; x-bypassid=C61755ED-402F")
    rows = parsed(invite("Content-Type: multipart/alternative; boundary=b1", body=multipart(NEW, gateway)))["sdp_media"]
    assert [(row["content_type"], row["bypass_id"]) for row in rows] == [("application/sdp", None), ("application/gw-sdp", "c61755ed-402f")]
    (plain,) = sdp("m=audio 1 RTP/AVP 0", content_type="application/gw-sdp;x-bypassid=ABC")["sdp_media"]
    assert (plain["content_type"], plain["bypass_id"]) == ("application/gw-sdp", "abc")


def test_nested_multipart_counts_leaves() -> None:
    inner = b"Content-Type: multipart/alternative; boundary=b2\r\n\r\n" + multipart(OLD, NEW, boundary="b2")
    text = part("hello", "Content-Type: text/plain")
    rows = parsed(invite("Content-Type: multipart/mixed; boundary=b1", body=multipart(text, inner)))
    assert [(row["part"], row["is_fallback"]) for row in rows["sdp_media"]] == [(1, True), (2, False)]


def test_base64_part_is_decoded() -> None:
    encoded = base64.encodebytes(f"{SESSION}m=audio 7000 RTP/AVP 0\r\n".encode()).decode()
    assert of_parts(part(encoded, "Content-Type: application/sdp", "Content-Transfer-Encoding: base64"))[0][3] == 7000


@pytest.mark.parametrize("content_type", ["multipart/mixed", "multipart/mixed; boundary=other"])
def test_multipart_that_cannot_be_taken_apart(content_type: str) -> None:
    rows = parsed(invite(f"Content-Type: {content_type}", body=multipart(NEW)))
    assert rows["message"][0]["problems"] == ["the multipart body cannot be taken apart"]
    assert "m=audio 5000" in rows["message"][0]["body"]


def test_missing_version_line_is_tolerated() -> None:
    rows = parsed(invite("Content-Type: application/sdp", body=b"c=IN IP4 192.0.2.1\r\nm=audio 1 RTP/AVP 0\r\n"))
    assert rows["sdp_media"][0]["address"] == "192.0.2.1"


def test_lync_client_with_a_bypass_id(shared_data: Path) -> None:
    body = (shared_data / "lync" / "sfb_client_sdp_x_bypassid.sdp").read_bytes()
    rows = parsed(invite("Content-Type: application/sdp", body=body))
    assert [row["bypass_id"] for row in rows["sdp_media"]] == ["be38f190-a24a-4a72-b66c-b09fd0909ebc"]
    assert {row["transport"] for row in rows["ice_candidate"]} == {"udp", "tcp-act"}


@pytest.mark.parametrize("kept", range(1, 4))
def test_a_content_length_that_ends_within_a_character_ends_before_it(kept: int) -> None:
    """Else the store would refuse the text, and with it the whole file."""
    body = "v=0\r\nm=audio 5000 RTP/AVP 0\r\na=rtpmap:0 PCMU\N{REPLACEMENT CHARACTER}".encode()
    told = len(body) - 3 + kept % 3
    rows = parsed(invite("Content-Type: application/sdp", f"Content-Length: {told}") + body + b"\r\n" * (kept % 3 == 0))
    assert rows["sdp_media"][0]["codecs"] is not None
