"""Payloads with pseudonyms, of the same length: SIP as text, RTP and RTCP without what was said, STUN with other addresses.

What is not known to be harmless becomes zeros.
"""

from __future__ import annotations

from siplens.sip.redact_message import START, redact_sip
from siplens.sip.redact_words import Words

_COOKIE = b"\x21\x12\xa4\x42"
_DATA = 0x0013
_MAPPED = frozenset({0x0001, 0x0002, 0x0004, 0x0005, 0x000B, 0x8023, 0x802B, 0x802C})
_XORED = frozenset({0x0012, 0x0016, 0x0020, 0x8020})
_HARMLESS = frozenset({0x0003, 0x0009, 0x000A, 0x000C, 0x000D, 0x0019, 0x0024, 0x0025, 0x8029, 0x802A})
"""STUN attributes without names or addresses: changes asked for, error codes, channels, lifetimes, transports, priorities, roles."""


def is_sip(payload: bytes) -> bool:
    """Whether a datagram begins with a SIP start line, or is what keeps its binding alive."""
    return START.match(payload) is not None or (bool(payload) and not payload.strip(b"\r\n\0"))


def redact_datagram(payload: bytes, words: Words) -> bytes:
    """What a UDP datagram carries."""
    if is_sip(payload):
        return redact_sip(payload, words)
    if payload[:4] == b"HEP3":
        return redact_hep(payload, words)
    if len(payload) >= 20 and payload[4:8] == _COOKIE and payload[0] < 4:
        return redact_stun(payload, words)
    if len(payload) >= 8 and payload[0] >> 4 == 4 and payload[4] >> 6 == 2:
        # TURN's ChannelData: channel and length before it.
        return payload[:4] + redact_datagram(payload[4:], words)
    if len(payload) >= 8 and payload[0] >> 6 == 2:
        return redact_rtcp(payload) if 192 <= payload[1] <= 223 else redact_rtp(payload)
    return bytes(len(payload))


def redact_rtp(payload: bytes) -> bytes:
    """RTP: the header stays, extension and payload become zeros; padding keeps its count (RFC 3550 5.1)."""
    head = 12 + 4 * (payload[0] & 15)
    extended = payload[head : head + 4] if payload[0] & 0x10 else b""
    kept = payload[:head] + extended
    zeros = bytearray(max(0, len(payload) - len(kept)))
    if payload[0] & 0x20 and zeros:
        zeros[-1] = payload[-1]
    return (kept + bytes(zeros))[: len(payload)]


def redact_rtcp(payload: bytes) -> bytes:
    """RTCP: reports stay; the texts of SDES and BYE, and what applications send, become x or zeros (RFC 3550 6.5 to 6.7)."""
    out = bytearray(payload)
    at = 0
    while at + 8 <= len(out):
        kind, size = out[at + 1], 4 * (int.from_bytes(out[at + 2 : at + 4], "big") + 1)
        end = min(len(out), at + size)
        if kind == 202:
            _blank_sdes(out, at + 4, end, out[at] & 31)
        elif kind == 203:
            reason = at + 4 + 4 * (out[at] & 31)
            if reason < end:
                out[reason + 1 : end] = bytes(0x78 if byte else 0 for byte in out[reason + 1 : end])
        elif kind == 204:
            out[at + 12 : end] = bytes(max(0, end - at - 12))
        elif kind not in (200, 201, 205, 206, 207):
            out[at + 8 : end] = bytes(end - at - 8)
        at += size
    return bytes(out)


def _blank_sdes(out: bytearray, at: int, end: int, chunks: int) -> None:
    for _ in range(chunks):
        item = at + 4
        while item + 2 <= end and out[item]:
            length = min(out[item + 1], end - item - 2)
            out[item + 2 : item + 2 + length] = b"x" * length
            item += 2 + length
        at += (item - at) // 4 * 4 + 4


def redact_stun(payload: bytes, words: Words) -> bytes:
    """STUN and TURN: addresses are replaced, media in it is treated as such, names and hashes become zeros (RFC 8489 14, 8656 18)."""
    out = bytearray(payload)
    at = 20
    while at + 4 <= len(out):
        kind, length = int.from_bytes(out[at : at + 2], "big"), int.from_bytes(out[at + 2 : at + 4], "big")
        start, end = at + 4, min(len(out), at + 4 + length)
        if kind in _MAPPED | _XORED and end - start in (8, 20):
            mask = (_COOKIE + out[8:20])[: end - start - 4] if kind in _XORED else bytes(end - start - 4)
            plain = bytes(byte ^ over for byte, over in zip(out[start + 4 : end], mask, strict=True))
            changed = words.pseudonyms.packed(plain)
            out[start + 4 : end] = bytes(byte ^ over for byte, over in zip(changed, mask, strict=True))
        elif kind == _DATA and out[start:end] and out[start] >> 6 == 2:
            out[start:end] = redact_datagram(bytes(out[start:end]), words)
        elif kind not in _HARMLESS:
            out[start:end] = bytes(end - start)
        at += 4 + (length + 3) // 4 * 4
    return bytes(out)


def redact_hep(payload: bytes, words: Words) -> bytes:
    """HEP 3: addresses and the message inside; keys and what is not known become zeros."""
    out = bytearray(payload)
    at = 6
    while at + 6 <= len(out):
        kind, size = int.from_bytes(out[at + 2 : at + 4], "big"), int.from_bytes(out[at + 4 : at + 6], "big")
        start, end = at + 6, min(len(out), at + max(size, 6))
        value = bytes(out[start:end])
        if kind in (3, 4, 5, 6) and len(value) in (4, 16):
            out[start:end] = words.pseudonyms.packed(value)
        elif kind == 15:
            out[start:end] = redact_datagram(value, words)
        elif kind == 17:
            out[start:end] = words.pseudonyms.token(value.decode("latin-1")).encode("latin-1")
        elif kind not in (1, 2, 7, 8, 9, 10, 11, 12, 13):
            out[start:end] = bytes(end - start)
        at += max(size, 6)
    return bytes(out)
