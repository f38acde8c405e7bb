"""The memory that the compiled pass works on: where each table lies in it, and the names of the tables' columns.

Three arrays carry everything (`memory.Memory` makes them): `m`, 64-bit integers, all counters and tables; `x`, the same
memory read as floating point numbers; `b`, bytes copied out of the capture. Few and flat arrays keep the compiler quick. Everything is
signed 64-bit: mixed signedness makes it fall back to floating point. An address is two such numbers (hi, lo), IPv4 as
::ffff:a.b.c.d. A table in `m` begins at a number given here in capitals, or, where it may grow, at the number that the
state column *_AT holds. No code of the pass is here.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]

MAX_CAPTURED = 262_144
"""Longest packet that a capture may hold; a record that claims more is corrupt (Wireshark has the same limit)."""
MAX_BLOCK = 1 << 24
"""Longest pcapng block."""
NO_TIME = -(1 << 62)
"""Time of a packet that has none (simple packet blocks)."""

LINE = 8
"""Numbers of a cache line."""

# What `walk` shall do: m[MODE].
MODE_RECORDS, MODE_PACKET, MODE_ANNOUNCE = range(3)

# Why it stopped: m[STATUS].
MORE, FLUSH, DRAIN, GROW_FLOWS, GROW_BINDINGS, BLOCK, SKIP, CORRUPT, PACKET = range(9)

# What a link header is.
LINK_NONE, LINK_ETHERTYPE, LINK_IP, LINK_PPP, LINK_ERF = range(5)

# What a file is: m[CONTAINER].
PCAP, PCAPNG, SNOOP = range(3)

# Order of the two lengths of a pcap record: m[LENGTHS].
KEPT_FIRST, ORIGINAL_FIRST, SMALLER_FIRST = range(3)
"""Before version 2.3 the original length came first; files of version 2.3 have either order."""

# State, from m[0].
(
    MODE,
    STATUS,
    CONTAINER,
    SWAPPED,
    RECORD_HEADER,
    FRAME,
    FIRST_TIME,
    LAST_TIME,
    INTERFACE_BASE,
    INTERFACE_END,
    SKIP_BYTES,
    ARENA_USED,
    MESSAGES_USED,
    ASIDE_USED,
    ASIDES_USED,
    PENDING,
    FLOW_SLOTS_AT,
    FLOW_SLOTS_MASK,
    FLOWS_AT,
    FLOWS_USED,
    FLOWS_ROOM,
    MAX_FLOWS,
    BINDINGS_AT,
    BINDINGS_MASK,
    BINDINGS_USED,
    MAX_BINDINGS,
    GENERATION,
    MAPS_USED,
    SEED,
    CUT_PACKETS,
    CUT_FIRST,
    MAX_ROWS,
    TLS_STREAMS,
    TLS_FIRST,
    FLOWS_REFUSED,
    BINDINGS_REFUSED,
    ONE_TIME,
    ONE_OFFSET,
    LENGTHS,
    SNOOP_DROPS,
    OPEN_TLS,
    SIDE_BOUND,
    OPEN_LEFT,
    FORESEEN,
    STATE_COLUMNS,
) = range(45)
"""OPEN_LEFT: 1 where frames that the pass does not open are kept for tshark. OPEN_TLS: 1 where there are keys, so that TLS segments
are left over for tshark. SIDE_BOUND: T.38 ports announced so far. FORESEEN: the flow that the packet at hand seemed to belong to,
0: none."""

# The packet at hand, behind the state.
(
    SRC_HI,
    SRC_LO,
    DST_HI,
    DST_LO,
    SRC_PORT,
    DST_PORT,
    PAYLOAD,
    PAYLOAD_END,
    HEADER,
    PACKET_END,
    ABOUT_KIND,
    ABOUT_A,
    ABOUT_B,
    ABOUT_C,
    ABOUT_D,
    ABOUT_STATE,
) = range(64, 80)
"""ABOUT_KIND: what it is. ABOUT_A to ABOUT_C: see the kinds. ABOUT_STATE: what its TCP direction is, once it is kept."""

ROWS_SEEN = 80
"""Packets set aside so far, by kind."""

# The SDP at hand: address of the session; address, port, candidates noted, length of rtpmap text and kind of the m-section.
S_KNOWN, S_HI, S_LO, M_KNOWN, M_HI, M_LO, M_PORT, M_NOTED, M_TEXT, M_KIND = range(100, 110)

MESSAGE_ENDS = 110
"""Where the messages of a TCP segment end."""

INTERFACES = 128
MAX_INTERFACES = 1024
(
    I_LINK,
    I_SNAPLEN,
    I_UNITS_PER_SECOND,
    I_OFFSET_SECONDS,
    I_UNOPENED,
    I_UNOPENED_FIRST,
    I_PACKETS,
    I_LINK_NUMBER,
    I_DROPPED,
    INTERFACE_COLUMNS,
) = range(10)
"""I_LINK: row in the table of link types; where it has none, -1, or LINK_WANTED: tshark may open it."""
LINK_WANTED = -2
RAW_INTERFACE = INTERFACES + (MAX_INTERFACES - 1) * INTERFACE_COLUMNS
"""The interface of reassembled IP packets; no file describes it."""

LINKS = INTERFACES + MAX_INTERFACES * INTERFACE_COLUMNS
MAX_LINKS = 64
K_FORM, K_AT, K_LENGTH, LINK_COLUMNS = range(4)

# Protocols that may carry IP or SIP and that the pass does not open: one row each, see `links.LEFT_OVER`.
LEFTS = LINKS + MAX_LINKS * LINK_COLUMNS
MAX_LEFTS = 64
O_SPACE, O_NUMBER, O_WANTED, O_FRAMES, O_FIRST, LEFT_COLUMNS = range(6)
SPACE_ETHERTYPE, SPACE_IP, SPACE_UDP = range(1, 4)
"""What O_NUMBER is: an EtherType, an IP protocol, a UDP port. 0 ends the table. O_WANTED: 1 where tshark may open it."""

# Messages and packets set aside: rows of one form; their bytes are in `b`.
MESSAGES = LEFTS + MAX_LEFTS * LEFT_COLUMNS
MAX_MESSAGES = 1 << 14
(
    R_KIND,
    R_START,
    R_LENGTH,
    R_FRAME,
    R_OFFSET,
    R_TIME,
    R_SRC_HI,
    R_SRC_LO,
    R_DST_HI,
    R_DST_LO,
    R_SRC_PORT,
    R_DST_PORT,
    R_A,
    R_B,
    R_C,
    R_D,
    ROW_COLUMNS,
) = range(17)
KIND_NONE, KIND_RTP, KIND_UDP, KIND_TCP, KIND_FRAGMENT, KIND_STUN, KIND_RTCP, KIND_ICMP, KIND_SIDE, KIND_LEFT, KIND_COMMENT, KIND_HEP = (
    range(12)
)
KIND_TLS, KIND_WS, KIND_WSS, KIND_SCTP, KIND_COPY = range(12, 17)
KIND_DRAIN, KIND_ANNOUNCE = -1, -2
"""Values of R_KIND. KIND_UDP: SIP in a datagram. KIND_TCP: R_A is the sequence number, R_B flags, R_C the place in
STREAMS, R_D the number of the next byte where the pass took whole messages itself before, else -1. KIND_FRAGMENT: the
bytes are the whole IP packet, R_A the length of its headers. KIND_ICMP: the ICMP message, R_A is 4 or 6. KIND_SIDE: the first
bytes of a datagram of T.38, DTLS or ZRTP, R_A is a SIDE_*, R_B its length. KIND_LEFT: a whole frame for tshark, R_A its link type, R_B
the row in LEFTS that says why, 0 for its link type or TLS. KIND_COMMENT: the options of a pcapng packet block. KIND_HEP:
SIP that a TCP connection carried, out of a HEP packet. KIND_ANNOUNCE: SDP in MGCP. KIND_TLS
to KIND_SCTP: messages out of a HEP packet or that the pass did not keep itself, by what carried them. KIND_COPY: a whole HEP packet, out
of a TCP stream or with a payload that is compressed."""
SIDE_T38, SIDE_DTLS, SIDE_ZRTP = range(3)
SIDE_KEPT = 64
"""Bytes kept of a KIND_SIDE datagram."""

ASIDES = MESSAGES + MAX_MESSAGES * ROW_COLUMNS
MAX_ASIDES = 1 << 12

# First packets of what may become flows that SDP did not announce; the first five columns are a flow's key.
CANDIDATES = ASIDES + MAX_ASIDES * ROW_COLUMNS
MAX_CANDIDATES = 1 << 15
C_FRAME, C_TIME, C_SEQ, C_STAMP, C_PT, C_BYTES, CANDIDATE_COLUMNS = range(5, 12)

# rtpmap sets: RTP clock in Hz per payload type (0 unknown, -1 telephone-event), and a hash of their text. Set 0: static types.
CLOCKS = CANDIDATES + MAX_CANDIDATES * CANDIDATE_COLUMNS
MAX_MAPS = 2048
PAYLOAD_TYPES = 128
MAP_KEYS = CLOCKS + MAX_MAPS * PAYLOAD_TYPES
SCRATCH_ADDRESSES = MAP_KEYS + MAX_MAPS
MAX_SCRATCH = 48

# TCP directions.
STREAMS = SCRATCH_ADDRESSES + MAX_SCRATCH * 3
MAX_STREAMS = 1 << 16
MAX_WHOLE = 16
"""Most messages in one TCP segment that the pass takes itself."""
S_SRC_HI, S_SRC_LO, S_DST_HI, S_DST_LO, S_PORTS, S_STATE, S_SEGMENTS, S_BYTES, S_START_KNOWN, S_ALIGNED, S_NEXT, STREAM_COLUMNS = range(12)
"""S_ALIGNED: 1 where the next byte, number S_NEXT, begins a message and Python holds nothing of this direction."""
STREAM_EMPTY, STREAM_UNKNOWN, STREAM_SIP, STREAM_OTHER, STREAM_TLS = range(5)
"""STREAM_TLS: TLS for which there are keys, all of it left over for tshark."""

# In which generation of announcements one of an address and port that falls into this place changed last.
ANNOUNCED = STREAMS + MAX_STREAMS * STREAM_COLUMNS
MAX_ANNOUNCED = 1 << 12

FIXED_SIZE = -(-(ANNOUNCED + MAX_ANNOUNCED) // LINE) * LINE
"""Where the tables that may grow begin."""

# Flows. Columns that each packet needs come first, eight to a cache line: with thousands of flows each line is fetched from afar.
# The first five are the key; those called L_* hold floating point numbers, in milliseconds: `x` is `m` read so; F_PAIRS begins PAIRS
# pairs (payload type + 1, packets).
(
    F_SRC_HI,
    F_SRC_LO,
    F_DST_HI,
    F_DST_LO,
    F_PORTS_SSRC,
    F_ENDED,
    F_GENERATION,
    F_BOUND,
    F_FIRST_STAMP,
    F_LAST_STAMP,
    F_START_SEQ,
    F_STOP_SEQ,
    F_TOP_SEQ,
    F_UNDER,
    F_PT,
    F_MAP,
    F_TIME,
    F_STEPS,
    F_PACKETS,
    F_BYTES,
    F_LAST_FRAME,
    F_LAST_TIME,
    F_CLOCK,
    L_NOMINAL,
    L_JITTER,
    L_JITTER_MIN,
    L_JITTER_MAX,
    L_JITTER_MEAN,
    L_DELTA_MAX,
    F_CYCLES,
    F_PAIRS,
) = range(31)
PAIRS = 7
(
    F_FIRST_FRAME,
    F_FIRST_TIME,
    F_DUPLICATED,
    F_REORDERED,
    F_DTMF_EVENTS,
    F_DTMF_LAST,
    F_OLD_STAMPS,
    F_KIND,
    F_GAPS,
    F_LONGEST_GAP,
    F_TAGGED,
    FLOW_COLUMNS_USED,
) = range(F_PAIRS + 2 * PAIRS, F_PAIRS + 2 * PAIRS + 12)
FLOW_COLUMNS = -(-FLOW_COLUMNS_USED // LINE) * LINE
"""F_KIND: MEDIA_* of what announced it, and IN_TURN. F_TAGGED: packets of G.711 or G.722 longer than their time by an SRTP tag."""

# Addresses and ports that SDP announced, a hash table: B_PORT is port + 1, 0 in a free place; B_MAP the rtpmap set.
B_HI, B_LO, B_PORT, B_MAP, B_KIND, BINDING_COLUMNS = range(6)
MEDIA_UNKNOWN, MEDIA_AUDIO, MEDIA_VIDEO, MEDIA_OTHER = range(4)
MEDIA_SECURE, MEDIA_T38, IN_TURN, ANNOUNCED_BEFORE, BEFORE_SHIFT = 8, 16, 32, 64, 7
"""B_KIND: what the m-line says, its first word in the lowest bits. MEDIA_SECURE: an SRTP profile. MEDIA_T38: UDPTL. IN_TURN, of flows
only: inside TURN, see `kernel_stun`. ANNOUNCED_BEFORE: in a file before this one, and not again since; above it, from bit BEFORE_SHIFT on,
its place in the list of those."""

# Bytes, in `b`.
ARENA = 0
"""SIP messages, one after another; MESSAGES says where each begins."""
ARENA_SIZE = 1 << 23
ASIDE = ARENA + ARENA_SIZE
"""Packets that Python looks at; ASIDES says where each begins."""
ASIDE_SIZE = 1 << 21
MAP_TEXTS = ASIDE + ASIDE_SIZE
"""Per rtpmap set: its rtpmap values, one a line, padded with zeros."""
MAP_TEXT = 1024
SCRATCH_TEXT = MAP_TEXTS + MAX_MAPS * MAP_TEXT
BYTES_SIZE = SCRATCH_TEXT + MAP_TEXT
