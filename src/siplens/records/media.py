"""Tables of media evidence: RTP flows, and the few packets around them that tell something."""

import pyarrow as pa

from siplens.records.table import BOOL, INT, LONG, REAL, TEXT, TEXTS, TS, Table, columns

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
        ("gaps", LONG, "Places where sequence numbers jump ahead: bursts of loss, or packets that came late."),
        ("longest_gap", LONG, "Most sequence numbers missing in a row at such a place."),
        (
            "media",
            TEXT,
            "audio, video or other, by the m-line that announced it, else by its static payload types; NULL where neither says.",
        ),
        (
            "srtp",
            TEXT,
            "Why it is taken for SRTP: profile (in SDP), dtls or zrtp (seen on its ports), tag (longer than its time); else NULL.",
        ),
        ("in_turn", BOOL, "True inside TURN (ChannelData, Send and Data indications): the addresses are those of client and relay."),
        (
            "bound_by",
            TEXT,
            "sdp: SDP announced an address of it before; keys: DTLS or ZRTP went before on its ports; regularity: found by its own form.",
        ),
    ),
    row_id="flow_id",
)

SIDE_FLOW = Table(
    "side_flow",
    "One row per UDP 5-tuple that goes along with calls' media without being RTP: T.38 fax, DTLS and ZRTP handshakes.",
    columns(
        ("kind", TEXT, "t38: UDPTL on a port that SDP announced; dtls: handshakes that give SRTP its keys; zrtp: the same by RFC 6189."),
        ("first_frame", LONG, "Frame of the first packet."),
        ("last_frame", LONG, "Frame of the last packet."),
        ("first_ts", TS, "Time of the first packet (UTC)."),
        ("last_ts", TS, "Time of the last packet (UTC)."),
        *_HOP,
        ("packets", LONG, "Packets seen."),
        ("bytes", LONG, "UDP payload bytes."),
        ("lost", LONG, "T.38: sequence numbers of UDPTL that are missing; NULL for others."),
    ),
)

RTCP_REPORT = Table(
    "rtcp_report",
    "One row per report block, BYE, XR block about VoIP, or source description of an RTCP packet.",
    columns(
        ("frame", LONG, "Frame number."),
        ("ts", TS, "Time (UTC)."),
        *_HOP,
        ("type", TEXT, "SR, RR, SDES, BYE or XR; SRTCP: encrypted, and nothing but its sender can be read."),
        ("ssrc", LONG, "Sender of the report."),
        ("about_ssrc", LONG, "Stream that the report block is about; NULL without one."),
        ("fraction_lost", REAL, "Loss since the last report, 0 to 1."),
        ("cumulative_lost", LONG, "Packets lost since the start, as the receiver says."),
        ("jitter_units", LONG, "Jitter in RTP clock units."),
        ("last_sr", LONG, "Middle 32 bits of the NTP time of the last SR that the reporter got; NULL where it got none."),
        ("since_last_sr_ms", REAL, "Time between that SR and this report, at the reporter, in ms."),
        ("ntp_middle", LONG, "SR: middle 32 bits of its own NTP time, to find it again as last_sr."),
        ("sender_packets", LONG, "SR: packets sent so far, as the sender says."),
        ("sender_bytes", LONG, "SR: payload bytes sent so far."),
        ("cname", TEXT, "SDES: canonical name of the source."),
        ("reason", TEXT, "BYE: why it leaves, in its own words."),
        ("loss_rate", REAL, "XR: share of packets lost in the network, 0 to 1, as the reporter says."),
        ("discard_rate", REAL, "XR: share of packets that came too late or too early for the jitter buffer, 0 to 1."),
        ("round_trip_ms", INT, "XR: round trip between the RTP interfaces, in ms."),
        ("end_system_delay_ms", INT, "XR: delay within the reporter, in ms."),
        ("r_factor", INT, "XR: R factor that the reporter measured, 0 to 100; NULL where it gave none."),
        ("mos_lq", REAL, "XR: MOS for listening quality, 1 to 5, as the reporter says."),
        ("mos_cq", REAL, "XR: MOS for conversational quality, 1 to 5."),
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
        ("transaction", TEXT, "Transaction id, hexadecimal: the same in a request and its answer."),
        ("priority", LONG, "PRIORITY of the candidate that asks (RFC 8445 7.1.1)."),
        ("ice_role", TEXT, "controlling or controlled, as ICE-CONTROLLING and ICE-CONTROLLED say."),
        ("peer_ip", TEXT, "XOR-PEER-ADDRESS, or Microsoft's destination or remote address: whom the relay speaks with."),
        ("peer_port", INT, "Port of the peer address."),
        ("relayed_ip", TEXT, "XOR-RELAYED-ADDRESS: the address that the relay lends."),
        ("relayed_port", INT, "Port of the relayed address."),
        ("lifetime_s", LONG, "LIFETIME, in seconds; 0 gives the allocation back."),
        ("software", TEXT, "SOFTWARE."),
        ("ms_version", LONG, "Microsoft's MS-Version (0x8008)."),
        ("ms_implementation", LONG, "Microsoft's ICE implementation version (0x8070)."),
        ("ms_candidate", TEXT, "Microsoft's candidate identifier (0x8054), hexadecimal."),
        ("ms_service_quality", TEXT, "Microsoft's MS-Service-Quality (0x8055): stream type and quality, hexadecimal."),
        ("ms_attributes", TEXTS, "All attributes in Microsoft's range 0x8000 to 0x80FF with no name in an RFC, hexadecimal, in order."),
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

RAW = (MEDIA_FLOW, SIDE_FLOW, RTCP_REPORT, STUN_CHECK, ICMP_ERROR)
