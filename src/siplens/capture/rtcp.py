"""RTCP into rows of `rtcp_report`: SR, RR, SDES, BYE (RFC 3550 6) and the VoIP metrics of XR (RFC 3611 4.7).

Of SRTCP (RFC 3711 3.4), which the kernel tells by a length that does not add up, only the sender is in the clear.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from siplens.capture.rows import Row

_TYPES = {200: "SR", 201: "RR", 202: "SDES", 203: "BYE", 207: "XR"}
_CNAME, _VOIP_METRICS = 1, 7
_UNAVAILABLE = 127
"""R factor or MOS that the reporter does not have (RFC 3611 4.7.5)."""


def rtcp_rows(packet: bytes, seen: Row) -> Iterator[Row]:
    """Rows of a compound packet: one per report block, source, XR block about VoIP; SR, RR and XR without any give one too."""
    if not _adds_up(packet):
        yield {**seen, "type": "SRTCP", "ssrc": struct.unpack_from("!I", packet, 4)[0]}
        return
    at = 0
    while at + 4 <= len(packet):
        first, kind, words = struct.unpack_from("!BBH", packet, at)
        part = packet[at : at + 4 * words + 4]
        at += 4 * words + 4
        name = _TYPES.get(kind)
        if name is None or len(part) < 8:
            continue
        row = {**seen, "type": name, "ssrc": struct.unpack_from("!I", part, 4)[0]}
        if name == "BYE":
            yield from _goodbyes(part, first & 31, row)
        elif name == "SDES":
            yield from _descriptions(part, row)
        elif name == "XR":
            yield from _extended(part, row)
        else:
            yield from _reports(part, first & 31, row)


def _adds_up(packet: bytes) -> bool:
    at = 0
    while at + 4 <= len(packet) and packet[at] >> 6 == 2 and 192 <= packet[at + 1] <= 223:
        at += 4 * int.from_bytes(packet[at + 2 : at + 4], "big") + 4
    return at == len(packet)


def _reports(part: bytes, count: int, row: Row) -> Iterator[Row]:
    start = 28 if row["type"] == "SR" else 8
    if start == 28 and len(part) >= 28:
        middle, packets, octets = struct.unpack_from("!10xI6xII", part)
        row |= {"ntp_middle": middle, "sender_packets": packets, "sender_bytes": octets}
    blocks = [part[p : p + 24] for p in range(start, min(start + 24 * count, len(part) - 23), 24)]
    yield from (row | _report(block) for block in blocks)
    if not blocks:
        yield row


def _report(block: bytes) -> Row:
    ssrc, fraction, lost, jitter, last, since = struct.unpack("!IB3s4xIII", block)
    return {
        "about_ssrc": ssrc,
        "fraction_lost": fraction / 256,
        "cumulative_lost": int.from_bytes(lost, "big", signed=True),
        "jitter_units": jitter,
        "last_sr": last or None,
        "since_last_sr_ms": since / 65.536 if last else None,
    }


def _goodbyes(part: bytes, count: int, row: Row) -> Iterator[Row]:
    reason = part[4 + 4 * count :]
    words = reason[1 : 1 + reason[0]].decode("utf-8", "replace") if reason else None
    for (ssrc,) in struct.iter_unpack("!I", part[4 : 4 + 4 * count][: (len(part) - 4) // 4 * 4]):
        yield row | {"ssrc": ssrc, "reason": words}


def _descriptions(part: bytes, row: Row) -> Iterator[Row]:
    """One row per chunk that has a canonical name: SSRC, then items (type, length, text) up to a zero, padded to 32 bits."""
    at = 4
    while at + 8 <= len(part):
        ssrc = struct.unpack_from("!I", part, at)[0]
        at += 4
        name = None
        while at + 2 <= len(part) and part[at]:
            if part[at] == _CNAME and name is None:
                name = part[at + 2 : at + 2 + part[at + 1]].decode("utf-8", "replace")
            at += 2 + part[at + 1]
        at = (at // 4 + 1) * 4
        if name is not None:
            yield row | {"ssrc": ssrc, "cname": name}


def _extended(part: bytes, row: Row) -> Iterator[Row]:
    """One row per VoIP metrics block; a packet without one gives one row."""
    at, given = 8, False
    while at + 4 <= len(part):
        kind, words = struct.unpack_from("!BxH", part, at)
        block = part[at : at + 4 + 4 * words]
        at += 4 + 4 * words
        if kind == _VOIP_METRICS and len(block) >= 36:
            given = True
            yield row | _voip_metrics(block)
    if not given:
        yield row


def _voip_metrics(block: bytes) -> Row:
    ssrc, loss, discard, round_trip, delay = struct.unpack_from("!4xIBB6xHH", block)
    r_factor, _, listening, conversational = block[24:28]
    return {
        "about_ssrc": ssrc,
        "loss_rate": loss / 256,
        "discard_rate": discard / 256,
        "round_trip_ms": round_trip,
        "end_system_delay_ms": delay,
        "r_factor": None if r_factor == _UNAVAILABLE else r_factor,
        "mos_lq": None if listening == _UNAVAILABLE else listening / 10,
        "mos_cq": None if conversational == _UNAVAILABLE else conversational / 10,
    }
