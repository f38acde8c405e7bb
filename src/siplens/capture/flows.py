"""Flows of the pass into rows of `media_flow`, and which of those that SDP did not announce are RTP by their own form."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from siplens.capture import kernel_layout as k
from siplens.capture.addresses import address_column, address_text
from siplens.capture.evidence import Ends
from siplens.capture.kernel_layout import Array
from siplens.capture.memory import Memory
from siplens.capture.rows import microseconds
from siplens.capture.static_types import STATIC_CLOCKS, VIDEO_TYPES
from siplens.records import TABLES, Batch
from siplens.records.arrays import as_column
from siplens.sip.text_columns import chosen

_MEDIA = {k.MEDIA_UNKNOWN: None, k.MEDIA_AUDIO: "audio", k.MEDIA_VIDEO: "video", k.MEDIA_OTHER: "other"}
_TAGS_LOOKED_FOR, _MIN_TAGS = 64, 4
_MIN_PACKETS, _MIN_AGREED = 8, 2
"""Packets from which on a flow may be judged by its own form; fewer where keys for SRTP were agreed on between the same ports."""
_MIN_STEPS = 0.7
"""Least share of packets that carry the very next sequence number, in a flow judged by its own form."""
_MAX_OLD_STAMPS = 0.05
_CLOCK_RANGE = (3_000.0, 200_000.0)
"""RTP time per second of arrival that a flow may show, where its clock is not known: from 8 kHz with pauses to 90 kHz video."""
_KNOWN_CLOCK_RANGE = (0.5, 2.0)
"""The same for a static payload type, as a multiple of its clock."""


def flow_batch(memory: Memory, handshakes: dict[Ends, str]) -> Batch | None:
    """All flows that are RTP, in order of first packet; None where there is none.

    handshakes: between whom keys for SRTP were agreed on, and how.
    """
    flows, levels = memory.flows, memory.levels
    agreed = _agreed(flows, handshakes)
    kept = np.flatnonzero((flows[:, k.F_BOUND] == 1) | _regular(flows, np.where(agreed, _MIN_AGREED, _MIN_PACKETS)))
    if not kept.size:
        return None
    kept = kept[np.lexsort((kept, flows[kept, k.F_FIRST_FRAME]))]
    flows, levels = flows[kept], levels[kept]
    clocked = (levels[:, k.L_JITTER_MIN] >= 0) & (flows[:, k.F_CLOCK] > 0)
    expected = flows[:, k.F_STOP_SEQ] + flows[:, k.F_CYCLES] * 65536 - flows[:, k.F_START_SEQ] + 1
    ports = flows[:, k.F_PORTS_SSRC]
    ends = (
        address_column(flows[:, k.F_SRC_HI], flows[:, k.F_SRC_LO]),
        (ports >> 48) & 0xFFFF,
        address_column(flows[:, k.F_DST_HI], flows[:, k.F_DST_LO]),
        (ports >> 32) & 0xFFFF,
    )
    columns = {
        "ordinal": np.arange(len(flows), dtype=np.int32),
        "first_frame": flows[:, k.F_FIRST_FRAME],
        "last_frame": flows[:, k.F_LAST_FRAME],
        "first_ts": microseconds(flows[:, k.F_FIRST_TIME]),
        "last_ts": microseconds(flows[:, k.F_LAST_TIME]),
        "src_ip": ends[0],
        "src_port": ends[1],
        "dst_ip": ends[2],
        "dst_port": ends[3],
        "ssrc": ports & 0xFFFFFFFF,
        "packets": flows[:, k.F_PACKETS],
        "bytes": flows[:, k.F_BYTES],
        "expected": expected,
        "lost": expected - flows[:, k.F_PACKETS],
        "duplicated": flows[:, k.F_DUPLICATED],
        "reordered": flows[:, k.F_REORDERED],
        "jitter_min_ms": as_column(levels[:, k.L_JITTER_MIN], known=clocked),
        "jitter_mean_ms": as_column(levels[:, k.L_JITTER_MEAN], known=clocked),
        "jitter_max_ms": as_column(levels[:, k.L_JITTER_MAX], known=clocked),
        "max_delta_ms": levels[:, k.L_DELTA_MAX],
        "clock_hz": as_column(flows[:, k.F_CLOCK], pa.int32(), flows[:, k.F_CLOCK] > 0),
        "payload_types": _payload_types(memory, flows),
        "dtmf_events": flows[:, k.F_DTMF_EVENTS],
        "gaps": flows[:, k.F_GAPS],
        "longest_gap": flows[:, k.F_LONGEST_GAP],
        "media": pa.array(
            [_MEDIA[kind & 3] or _static_media(first) for kind, first in flows[:, [k.F_KIND, k.F_PAIRS]].tolist()], pa.string()
        ),
        "srtp": pa.array(_srtp(flows, ends, handshakes), pa.string()),
        "in_turn": (flows[:, k.F_KIND] & k.IN_TURN) > 0,
        "bound_by": chosen(["sdp", "keys", "regularity"], np.where(flows[:, k.F_BOUND] == 1, 0, np.where(agreed[kept], 1, 2))),
    }
    schema = TABLES["media_flow"].schema
    arrays = [_as(columns[field.name], field.type) for field in schema]
    return Batch("media_flow", pa.RecordBatch.from_arrays(arrays, schema=schema))


def _static_media(payload_type: int) -> str | None:
    """What a flow's first payload type, plus one, says; None for types that only SDP gives a meaning."""
    number = payload_type - 1
    if number not in STATIC_CLOCKS:
        return None
    return "video" if number in VIDEO_TYPES else "audio"


def _srtp(flows: Array, ends: tuple[pa.Array, Array, pa.Array, Array], handshakes: dict[Ends, str]) -> list[str | None]:
    """Why each flow is taken for SRTP: what its hosts did before what SDP says, and that before what its packets look like."""
    looked_at = np.minimum(flows[:, k.F_STEPS], _TAGS_LOOKED_FOR)
    tagged = (flows[:, k.F_TAGGED] >= _MIN_TAGS) & (flows[:, k.F_TAGGED] * 2 > looked_at)
    profile = (flows[:, k.F_KIND] & k.MEDIA_SECURE) > 0
    found = np.where(profile, "profile", np.where(tagged, "tag", "")).tolist()
    if handshakes:
        keys = zip(ends[0].to_pylist(), ends[1].tolist(), ends[2].to_pylist(), ends[3].tolist(), strict=True)
        found = [handshakes.get(key, said) for key, said in zip(keys, found, strict=True)]
    return [said or None for said in found]


def _as(values: Array | pa.Array, kind: pa.DataType) -> pa.Array:
    return values if isinstance(values, pa.Array) else as_column(values, kind)


def _agreed(flows: Array, handshakes: dict[Ends, str]) -> Array:
    """Which flows go between addresses and ports that agreed on keys for SRTP."""
    ports = flows[:, k.F_PORTS_SSRC]
    agreed = np.zeros(len(flows), dtype=bool)
    between = {(src_port, dst_port) for _, src_port, _, dst_port in handshakes}
    for at in np.flatnonzero(np.isin((ports >> 32) & 0xFFFFFFFF, [src << 16 | dst for src, dst in between])).tolist():
        src_hi, src_lo, dst_hi, dst_lo, key = flows[at, :5].tolist()
        ends = (address_text(src_hi, src_lo), key >> 48 & 0xFFFF, address_text(dst_hi, dst_lo), key >> 32 & 0xFFFF)
        agreed[at] = ends in handshakes
    return agreed


def _regular(flows: Array, least: Array) -> Array:
    """Which flows behave as RTP does: consecutive numbers, RTP time that runs with the clock, few packets lost.

    Other protocols whose first bits look alike do not count up in both places at once. least: packets that each must have.
    """
    packets = flows[:, k.F_PACKETS]
    seconds = np.maximum((flows[:, k.F_LAST_TIME] - flows[:, k.F_FIRST_TIME]) / 1e9, 1e-6)
    passed = (flows[:, k.F_LAST_STAMP] - flows[:, k.F_FIRST_STAMP]) & 0xFFFFFFFF
    rate = passed / seconds
    static = np.zeros(k.PAYLOAD_TYPES)
    for number, (_, clock) in STATIC_CLOCKS.items():
        static[number] = clock
    clock = static[flows[:, k.F_PAIRS] - 1]
    # A capture without times, or one written in a moment, says nothing about clocks.
    timed = seconds > 0.05
    known = (rate >= clock * _KNOWN_CLOCK_RANGE[0]) & (rate <= clock * _KNOWN_CLOCK_RANGE[1])
    unknown = (rate >= _CLOCK_RANGE[0]) & (rate <= _CLOCK_RANGE[1])
    regular: Array = (
        (packets >= least)
        & (flows[:, k.F_STEPS] >= _MIN_STEPS * (packets - 1 - flows[:, k.F_DUPLICATED]))
        & (flows[:, k.F_OLD_STAMPS] <= _MAX_OLD_STAMPS * packets)
        & (passed > 0)
        & (~timed | np.where(clock > 0, known, unknown))
    )
    return regular


def _payload_types(memory: Memory, flows: Array) -> pa.Array:
    """Per flow: payload types with codec name and packets, most packets first."""
    names = {number: _codec_names(memory, number) for number in set(flows[:, k.F_MAP].tolist())}
    lists = []
    for row in flows[:, [k.F_MAP, *range(k.F_PAIRS, k.F_PAIRS + k.PAIRS * 2)]].tolist():
        codecs = names[row[0]]
        pairs = sorted(((row[at] - 1, row[at + 1]) for at in range(1, k.PAIRS * 2, 2) if row[at]), key=lambda pair: -pair[1])
        lists.append([{"pt": number, "codec": codecs.get(number), "packets": packets} for number, packets in pairs])
    return pa.array(lists, TABLES["media_flow"].schema.field("payload_types").type)


def _codec_names(memory: Memory, number: int) -> dict[int, str]:
    """Codec names by payload type in one rtpmap set, such as opus/48000/2; static types besides."""
    names = {static: f"{name}/{clock}" for static, (name, clock) in STATIC_CLOCKS.items()}
    at = k.MAP_TEXTS + number * k.MAP_TEXT
    for line in bytes(memory.b[at : at + k.MAP_TEXT]).rstrip(b"\0").split(b"\n"):
        payload_type, _, name = line.decode("utf-8", "replace").strip().partition(" ")
        if payload_type.isdecimal() and name:
            names[int(payload_type)] = name.strip()
    return names
