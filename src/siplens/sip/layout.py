"""How the compiled scans hand over what they found: rows of their arrays, kinds of headers, bits of marks."""

# Kinds of headers whose value is looked into; FROM to MAX_FORWARDS may stand once. Kinds from FIRST_TEXT on are columns that take the
# value as it is (siplens.sip.names).
VIA, FROM, TO, CALL_ID, CSEQ, CONTENT_LENGTH, CONTENT_TYPE, MAX_FORWARDS, CONTACT, RSEQ, DATE, SECRET, ENCODED = range(1, 14)
FIRST_TEXT = 32

# Rows of `at` and `size`: fields of a message.
START_LINE, METHOD, REASON_PHRASE, REQUEST_URI, CALL_ID_VALUE, BRANCH, SENT_BY, VIA_TRANSPORT, BODY, CONTENT_TYPE_VALUE = range(10)
FROM_URI, FROM_USER, FROM_DISPLAY, FROM_TAG, TO_URI, TO_USER, TO_DISPLAY, TO_TAG = range(10, 18)
CONTACT_URI, CONTACT_USER, CONTACT_DISPLAY, CONTACT_TAG = range(18, 22)
FIELDS = 22

# Rows of `numbers`. PART_SIZE: bytes of body that Content-Length covers; RFC 3261 18.3 has the rest ignored.
STATUS, CSEQ_NUMBER, RSEQ_NUMBER, HOPS, LENGTH_TOLD, BODY_SIZE, PART_SIZE = range(7)
NUMBERS = 7

# Bits of `needs`: why a message must be rewritten before its text is stored.
NOT_UTF8, FOLDED, SECRETS, PARTS = 1, 2, 4, 8

# Values of `body_kind`. MULTIPART only within the scan.
OTHER_BODY, SDP_BODY, ODD_SDP_BODY, QUALITY_BODY, MULTIPART = range(5)

# Bits of `problems`, in the order of siplens.sip.problems.WORDS; NO_VIA to NO_CSEQ in the order of the kinds VIA to CSEQ.
(
    BAD_START_LINE, BAD_VERSION, BAD_STATUS, BAD_SPACING, BAD_REQUEST_URI, BAD_HEADER_LINE, NO_END, NO_VIA, NO_FROM, NO_TO, NO_CALL_ID,
    NO_CSEQ, BAD_CSEQ, OTHER_METHOD, REPEATED, BAD_VIA, BAD_BRANCH, SEPARATORS, QUOTES, BRACKETS, URI_SPACES, UNBRACKETED, DISPLAY,
    BAD_NUMBER, BAD_DATE, SHORT_BODY, LONG_BODY, BAD_LENGTH, NO_TYPE, NOT_UTF8_TEXT, BAD_MULTIPART, BAD_SDP, BAD_REPORT,
) = [1 << bit for bit in range(33)]  # fmt: skip

# Characters. Handed to compiled functions as attributes of this module, Numba compiles the function once, not once a value.
TAB, NEWLINE, RETURN, SPACE, QUOTE, COMMA, SLASH, COLON, SEMICOLON, LESS, EQUALS, GREATER, QUESTION, AT, BACKSLASH = b'\t\n\r ",/:;<=>?@\\'
NO_CHARACTER = 256
