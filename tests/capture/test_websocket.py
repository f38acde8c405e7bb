"""SIP over WebSocket: handshakes, masks, fragments, frames in between, and directions that were open before the capture."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from .packets import call_ids, health, pcap, read, sip, tcp_frame

ASK = b"GET /sip HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
AGREE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nsec-websocket-protocol: sip\r\n\r\n"
MESSAGES = [sip(f"w{n}", body="b" * (n * 611 % 900)) for n in range(6)]
NAMES = [f"w{n}" for n in range(6)]


def frame(payload: bytes, *, first: int = 0x81, mask: bytes = b"") -> bytes:
    """One frame (RFC 6455 5.2)."""
    bit = 0x80 if mask else 0
    size = len(payload)
    head = bytes([first, bit | size]) if size < 126 else bytes([first, bit | 126]) + size.to_bytes(2, "big")
    if size >= 1 << 16:
        head = bytes([first, bit | 127]) + size.to_bytes(8, "big")
    return head + mask + (bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload)) if mask else payload)


def segments(stream: bytes, size: int) -> list[tuple[float, bytes]]:
    return [(at / 1000, tcp_frame(stream[at : at + size], 1000 + at, ports=(8080, 40000))) for at in range(0, len(stream), size)]


STREAMS = {
    "server, handshake": AGREE + b"".join(frame(text) for text in MESSAGES),
    "client, handshake, masked": ASK + b"".join(frame(text, mask=b"\x11\x22\x33\x44") for text in MESSAGES),
    "server, open before": b"".join(frame(text) for text in MESSAGES),
    "client, open before": b"".join(frame(text, mask=b"\xf1\0\x9d\x40") for text in MESSAGES),
    "bytes instead of text": AGREE + b"".join(frame(text, first=0x82) for text in MESSAGES),
    "pings in between": AGREE + b"".join(frame(b"", first=0x89) + frame(text) + frame(b"pong", first=0x8A) for text in MESSAGES),
    "fragments with a ping in between": AGREE
    + b"".join(
        frame(text[:50], first=1) + frame(b"", first=0x89) + frame(text[50:90], first=0) + frame(text[90:], first=0x80) for text in MESSAGES
    ),
    "keep-alives of SIP": AGREE + b"".join(frame(b"\r\n\r\n") + frame(text) for text in MESSAGES),
}


@pytest.mark.parametrize("size", [7, 300, 1460])
@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS.keys())
def test_messages_come_whole(stream: bytes, size: int, tmp_path: Path) -> None:
    if size == 7 and not stream.startswith((ASK, AGREE)):
        pytest.skip("seven bytes of a connection without its beginning say nothing")
    tables = read(tmp_path / "c", pcap(segments(stream, size)))
    assert call_ids(tables) == NAMES
    assert {row["transport"] for row in tables["message"]} == {"ws"}
    assert health(tables) == {}


def test_compressed_messages(tmp_path: Path) -> None:
    """permessage-deflate (RFC 7692): one window for all messages of a direction."""
    packer = zlib.compressobj(wbits=-15)
    packed = [packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH) for text in MESSAGES]
    stream = AGREE + b"".join(frame(text[:-4], first=0xC1) for text in packed)
    assert call_ids(read(tmp_path / "c", pcap(segments(stream, 500)))) == NAMES


def test_a_message_needs_no_content_length(tmp_path: Path) -> None:
    text = MESSAGES[3].replace(b"Content-Length: ", b"X-Length: ")
    (row,) = read(tmp_path / "c", pcap(segments(AGREE + frame(text), 1460)))["message"]
    assert (row["call_id"], row["body_bytes"]) == ("w3", 611 * 3 % 900)


def test_other_websockets_stay_out(tmp_path: Path) -> None:
    stream = AGREE.replace(b": sip", b": chat") + b"".join(frame(b"hello there, how are you today? " * 4) for _ in range(20))
    assert "message" not in read(tmp_path / "c", pcap(segments(stream, 400)))


def test_a_gap_loses_only_what_it_hit(tmp_path: Path) -> None:
    frames = segments(AGREE + b"".join(frame(text) for text in MESSAGES), 400)
    del frames[2]
    tables = read(tmp_path / "c", pcap(frames))
    assert health(tables) == {"tcp_gaps": 1}
    assert set(call_ids(tables)) <= set(NAMES)
    assert call_ids(tables)[-1] == "w5"
