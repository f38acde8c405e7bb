"""Bytes of RTP, RTCP (RFC 3550), telephone-event (RFC 4733) and STUN (RFC 5389)."""

from __future__ import annotations

import hashlib
import ipaddress
import struct
import zlib
from dataclasses import dataclass

from trace_writer.hosts import Endpoint


@dataclass(frozen=True)
class Codec:
    """A codec as RTP sees it: payload type, clock, bytes of payload in one millisecond."""

    payload_type: int
    clock_hz: int
    bytes_per_ms: int


CODECS = {
    "PCMU": Codec(0, 8000, 8),
    "PCMA": Codec(8, 8000, 8),
    "G722": Codec(9, 8000, 8),
    "G729": Codec(18, 8000, 1),
    "x-msrta": Codec(114, 16000, 4),
}
TELEPHONE_EVENT = 101
_KEYS = "0123456789*#ABCD"
_TONE = bytes.fromhex("ffa5968f8b8a8b8f96a57f25160f0b0a0b0f1625")
"""400 Hz in µ-law: twenty samples make one period, so that every packet of 20 ms begins alike."""


def tone(size: int) -> bytes:
    """A quiet tone of `size` bytes."""
    return (_TONE * (size // len(_TONE) + 1))[:size]


def scrambled(size: int, *seed: object) -> bytes:
    """Bytes that look random, the same for the same seed: stands for encrypted or compressed payload."""
    return hashlib.shake_128(repr(seed).encode()).digest(size)


def rtp(payload_type: int, seq: int, timestamp: int, ssrc: int, payload: bytes, marker: bool = False) -> bytes:
    """One RTP packet without header extension."""
    second = payload_type | (0x80 if marker else 0)
    return struct.pack("!BBHII", 0x80, second, seq & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + payload


def telephone_event(key: str, duration: int, end: bool) -> bytes:
    """Payload of a key press: event, end bit with volume 10, duration in timestamp units."""
    return struct.pack("!BBH", _KEYS.index(key), (0x80 if end else 0) | 10, duration)


def report(
    kind: str, ssrc: int, about: int | None, *, unix_s: float, rtp_timestamp: int, packets: int, octets: int,
    highest_seq: int, fraction_lost: float, lost: int, jitter: int, bye: bool, cname: str,
) -> bytes:  # fmt: skip
    """A compound RTCP packet: SR or RR with at most one report block, SDES with CNAME, and BYE on demand."""
    block = b""
    if about is not None:
        block = struct.pack("!IB", about, min(255, int(fraction_lost * 256))) + (lost & 0xFFFFFF).to_bytes(3, "big")
        block += struct.pack("!IIII", highest_seq, jitter, 0, 0)
    body = struct.pack("!I", ssrc)
    if kind == "SR":
        seconds = int(unix_s)
        fraction = int((unix_s - seconds) * (1 << 32))
        body += struct.pack("!IIIII", seconds + 2208988800, fraction, rtp_timestamp & 0xFFFFFFFF, packets, octets)
    compound = _rtcp(200 if kind == "SR" else 201, 1 if block else 0, body + block)
    name = cname.encode()
    item = struct.pack("!IBB", ssrc, 1, len(name)) + name + b"\0"
    compound += _rtcp(202, 1, item + b"\0" * (-len(item) % 4))
    return compound + (_rtcp(203, 1, struct.pack("!I", ssrc)) if bye else b"")


def _rtcp(packet_type: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, packet_type, len(body) // 4) + body


_COOKIE = 0x2112A442
_CLASSES = {"request": 0x0001, "indication": 0x0011, "success": 0x0101, "error": 0x0111}


def stun(
    kind: str, transaction: str, *, username: str = "", use_candidate: bool = False,
    mapped: Endpoint | None = None, error_code: int = 0,
) -> bytes:  # fmt: skip
    """A STUN binding message. `transaction` is any text: equal text gives an equal transaction id."""
    transaction_id = hashlib.md5(transaction.encode()).digest()[:12]
    body = b""
    if username:
        body += _attribute(0x0006, username.encode()) + _attribute(0x0024, struct.pack("!I", 1845501695))
    if use_candidate:
        body += _attribute(0x0025, b"")
    if mapped:
        key = struct.pack("!I", _COOKIE) + transaction_id
        address = bytes(a ^ b for a, b in zip(ipaddress.ip_address(mapped[0].ip).packed, key, strict=False))
        body += _attribute(0x0020, struct.pack("!BBH", 0, 1 if len(address) == 4 else 2, mapped[1] ^ 0x2112) + address)
    if error_code:
        body += _attribute(0x0009, struct.pack("!HBB", 0, error_code // 100, error_code % 100) + b"refused")
    head = struct.pack("!HHI", _CLASSES[kind], len(body) + 8, _COOKIE) + transaction_id
    return head + body + _attribute(0x8028, struct.pack("!I", zlib.crc32(head + body) ^ 0x5354554E))


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + b"\0" * (-len(value) % 4)
