"""Tables of media evidence: RTP flows, and the few packets around them that tell something."""

import pyarrow as pa

from siplens.records.table import BOOL, INT, LONG, REAL, TEXT, TS, Table, columns

PAYLOADS = pa.list_(pa.struct([("pt", pa.int32()), ("codec", pa.string()), ("packets", pa.int64())]))
_HOP = (
    ("src_ip", TEXT, "Sender's address, canonical text."),
    ("src_port", INT, "Sender's port."),
    ("dst_ip", TEXT, "Receiver's address."),
    ("dst_port", INT, "Receiver's port."),
)

MEDIA_FLOW = Table(
    "media_flow",
    "One row per RTP stream as one capture point saw it: 5-tuple and SSRC. SRTP too, its header is in the clear.",
    columns(
        ("ordinal", INT, "Position within the source, from 0, in order of first packet."),
        ("first_frame", LONG, "Frame of the first packet."),
        ("last_frame", LONG, "Frame of the last packet."),
        ("first_ts", TS, "Time of the first packet (UTC)."),
        ("last_ts", TS, "Time of the last packet (UTC)."),
        *_HOP,
        ("ssrc", LONG, "Synchronisation source, 0 to 2^32-1."),
        ("packets", LONG, "Packets seen, duplicates included."),
        ("bytes", LONG, "UDP payload bytes."),
        ("expected", LONG, "Packets expected: last minus first extended sequence number, plus one, as tshark counts (cf. RFC 3550 A.3)."),
        ("lost", LONG, "expected minus packets: may be negative with duplicates (RFC 3550 A.3; tshark counts the same)."),
        ("duplicated", LONG, "Packets whose sequence number was the one before."),
        ("reordered", LONG, "Packets with a sequence number lower than the highest seen."),
        (
            "jitter_min_ms",
            REAL,
            "Lowest interarrival jitter, in ms (RFC 3550 6.4.1); NULL where the clock is unknown.",
        ),
        ("jitter_mean_ms", REAL, "Mean of the jitter values, in ms."),
        ("jitter_max_ms", REAL, "Highest jitter value, in ms."),
        ("max_delta_ms", REAL, "Longest gap between two packets that followed each other, in ms."),
        ("clock_hz", INT, "RTP clock used; NULL where unknown."),
        ("payload_types", PAYLOADS, "Payload types with codec name and packets; they share one sequence space."),
        ("dtmf_events", INT, "RFC 4733 key presses: distinct (timestamp, event)."),
        ("bound_by", TEXT, "sdp: an address in SDP announced it before it began; regularity: found by its own form."),
    ),
    row_id="flow_id",
)

RTCP_REPORT = Table(
    "rtcp_report",
    "One row per report block (or BYE) of an RTCP packet.",
    columns(
        ("frame", LONG, "Frame number."),
        ("ts", TS, "Time (UTC)."),
        *_HOP,
        ("type", TEXT, "SR, RR, BYE or XR."),
        ("ssrc", LONG, "Sender of the report."),
        ("about_ssrc", LONG, "Stream that the report block is about; NULL without one."),
        ("fraction_lost", REAL, "Loss since the last report, 0 to 1."),
        ("cumulative_lost", LONG, "Packets lost since the start, as the receiver says."),
        ("jitter_units", LONG, "Jitter in RTP clock units."),
    ),
)

STUN_CHECK = Table(
    "stun_check",
    "One row per STUN message.",
    columns(
        ("frame", LONG, "Frame number."),
        ("ts", TS, "Time (UTC)."),
        *_HOP,
        ("class", TEXT, "request, indication, success or error."),
        ("method", TEXT, "binding, allocate, send, data …, or the number in hexadecimal."),
        ("username", TEXT, "USERNAME attribute."),
        ("use_candidate", BOOL, "True with USE-CANDIDATE: this pair was nominated."),
        ("mapped_ip", TEXT, "(XOR-)MAPPED-ADDRESS."),
        ("mapped_port", INT, "Port of the mapped address."),
        ("error_code", INT, "ERROR-CODE."),
    ),
)

ICMP_ERROR = Table(
    "icmp_error",
    "One row per ICMP error that quotes a UDP or TCP packet: the network refused it.",
    columns(
        ("frame", LONG, "Frame number."),
        ("ts", TS, "Time (UTC)."),
        ("reporter_ip", TEXT, "Who sent the ICMP error."),
        ("type", INT, "ICMP or ICMPv6 type."),
        ("code", INT, "ICMP or ICMPv6 code."),
        ("meaning", TEXT, "Such as port unreachable or administratively prohibited."),
        ("protocol", TEXT, "udp or tcp, of the quoted packet."),
        *_HOP,
    ),
)

RAW = (MEDIA_FLOW, RTCP_REPORT, STUN_CHECK, ICMP_ERROR)
