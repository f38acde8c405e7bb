"""What can be wrong with a message, in words: one sentence a bit of layout.BAD_START_LINE and its fellows, in their order."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from siplens.records.arrays import as_column

WORDS = (
    "the start line is neither a request line nor a status line",
    "the version is not SIP/2.0",
    "the status code is not three digits from 100 to 699",
    "the start line has more or other spaces than single ones between its parts",
    "the Request-URI has characters or headers that it must not have",
    "a header line has no name, or a name with spaces",
    "there is no empty line after the headers",
    "Via is missing",
    "From is missing",
    "To is missing",
    "Call-ID is missing",
    "CSeq is missing",
    "CSeq is not a number below 2^31 and a method",
    "the method in CSeq is not that of the start line",
    "a header that may stand once stands more than once",
    "the topmost Via cannot be read",
    "the branch of the topmost Via is only the magic cookie",
    "a header has empty parameters or values, or something else where a parameter should begin",
    "a quoted string does not end",
    "a URI is empty, or its angle brackets are not one pair",
    "a URI has spaces in or around it",
    "a URI with a question mark or a comma has no angle brackets",
    "a display name without quotes has characters that need them",
    "a number is out of range",
    "Date is not in GMT",
    "the body is shorter than Content-Length",
    "there are bytes after the body that Content-Length tells",
    "Content-Length is not a number",
    "there is a body but no Content-Type",
    "the text is not UTF-8; it was read as latin-1",
    "the multipart body cannot be taken apart",
    "a line of SDP cannot be read",
    "the quality report cannot be read",
)


def problem_lists(bits: NDArray[np.int64]) -> pa.Array:
    """One list of words a message; empty lists where no bit is set."""
    wrong = np.flatnonzero(bits)
    counts = np.zeros(bits.size + 1, np.int32)
    words: list[str] = []
    for row, mask in zip(wrong.tolist(), bits[wrong].tolist(), strict=True):
        found = [word for bit, word in enumerate(WORDS) if mask >> bit & 1]
        counts[row + 1] = len(found)
        words += found
    return pa.ListArray.from_arrays(as_column(np.cumsum(counts, dtype=np.int32)), pa.array(words, pa.string()))
