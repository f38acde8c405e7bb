"""How the compiled scan of SDP hands over what it found: rows of its arrays, and kinds of attributes. See `layout` on editing."""

# Rows of `at` and `size` of an m-line. The first INHERITED ones fall back to the session's.
ADDRESS, FINGERPRINT, UFRAG, BYPASS_ID, SETTINGS, ORIGIN_ADDRESS, SESSION_VERSION, MEDIA, PROTO = range(9)
INHERITED = 7
MEDIA_FIELDS = 9

# Rows of `numbers` of an m-line. FIRST_FORMAT and FIRST_SUITE point into the lists, DIRECTION into DIRECTIONS.
PART, M_INDEX, PORT, RTCP_PORT, PTIME, DIRECTION, MUX, LITE, FIRST_FORMAT, FIRST_SUITE = range(10)
MEDIA_NUMBERS = 10
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")

# Rows of a candidate: texts, then numbers.
FOUNDATION, TRANSPORT, CANDIDATE_ADDRESS, TYPE, RELATED_ADDRESS = range(5)
CANDIDATE_FIELDS = 5
CANDIDATE_PART, CANDIDATE_M_INDEX, IS_DRAFT6, COMPONENT, CANDIDATE_PORT, RELATED_PORT = range(6)
CANDIDATE_NUMBERS = 6

# Kinds of attributes. DIRECTION_KIND + position in DIRECTIONS; FIELD_KIND + row of a field whose text is the value.
RTPMAP, CANDIDATE, CRYPTO, CRYPTOSCALE, RTCP, RTCP_MUX, PTIME_KIND, ICE_LITE = range(1, 9)
DIRECTION_KIND = 16
FIELD_KIND = 32
ATTRIBUTES = {
    "rtpmap": RTPMAP,
    "candidate": CANDIDATE,
    "x-candidate-ipv6": CANDIDATE,
    "crypto": CRYPTO,
    "cryptoscale": CRYPTOSCALE,
    "rtcp": RTCP,
    "rtcp-mux": RTCP_MUX,
    "ptime": PTIME_KIND,
    "ice-lite": ICE_LITE,
    "fingerprint": FIELD_KIND + FINGERPRINT,
    "ice-ufrag": FIELD_KIND + UFRAG,
    "x-bypassid": FIELD_KIND + BYPASS_ID,
    "x-mediasettings": FIELD_KIND + SETTINGS,
    **{direction: DIRECTION_KIND + place for place, direction in enumerate(DIRECTIONS)},
}
