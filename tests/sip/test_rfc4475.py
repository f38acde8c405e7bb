"""The 49 torture messages of RFC 4475: which are sound, and what is marked in those that are not.

Sections 3.1.1, 3.2 (but badbranch), 3.3 in part and 3.4 are sound by the RFC: what an element does with an unknown scheme, extension or
body type is no matter of shape. The rest must carry the problem that the RFC describes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .sip_messages import parsed

SEPARATORS = "a header has empty parameters or values, or something else where a parameter should begin"
REQUEST_URI = "the Request-URI has characters or headers that it must not have"
SPACING = "the start line has more or other spaces than single ones between its parts"
LATER_BYTES = "there are bytes after the body that Content-Length tells"
CSEQ = "CSeq is not a number below 2^31 and a method"
METHOD = "the method in CSeq is not that of the start line"
REPEATED = "a header that may stand once stands more than once"

SOUND = [
    "wsinv",
    "intmeth",
    "esc01",
    "escnull",
    "esc02",
    "lwsdisp",
    "longreq",
    "semiuri",
    "transports",
    "unreason",
    "noreason",
    "unkscm",
    "novelsc",
    "unksm2",
    "bext01",
    "invut",
    "regaut01",
    "bcast",
    "zeromf",
    "cparam01",
    "cparam02",
    "regescrt",
    "sdp01",
    "inv2543",
]

MARKED = {
    "dblreq": [LATER_BYTES],  # 3.1.1.8: sound, the noise after it is ignored; here it is kept, and told
    "mpart01": ["the text is not UTF-8; it was read as latin-1"],  # 3.1.1.11: sound, with a binary part
    "badinv01": [SEPARATORS],
    "clerr": ["the body is shorter than Content-Length"],
    "ncl": ["Content-Length is not a number"],
    "scalar02": [CSEQ, "a number is out of range"],
    "scalarlg": [CSEQ],
    "quotbal": ["a quoted string does not end"],
    "ltgtruri": [REQUEST_URI],
    "lwsruri": [REQUEST_URI],
    "lwsstart": [SPACING],
    "trws": [SPACING],
    "escruri": [REQUEST_URI],
    "baddate": ["Date is not in GMT"],
    "regbadct": ["a URI with a question mark or a comma has no angle brackets"],
    "badaspec": ["a URI has spaces in or around it"],
    "baddn": ["a display name without quotes has characters that need them"],
    "badvers": ["the version is not SIP/2.0"],
    "mismatch01": [METHOD],
    "mismatch02": [METHOD],
    "bigcode": ["the status code is not three digits from 100 to 699"],
    "badbranch": ["the branch of the topmost Via is only the magic cookie"],
    "insuf": ["From is missing", "To is missing", "Call-ID is missing"],
    "multi01": [REPEATED],
    "mcl01": [REPEATED, LATER_BYTES],
}


@pytest.mark.parametrize("name", [*SOUND, *MARKED])
def test_torture_message(name: str, shared_data: Path) -> None:
    text = (shared_data / "sipmsg" / "rfc4475" / f"{name}.dat").read_bytes()
    if name == "baddn":
        text += b"\r\n"  # the stored copy lost the empty line that the RFC prints
    (row,) = parsed(text)["message"]
    assert row["problems"] == MARKED.get(name, [])
    assert row["body_bytes"] == len((row["body"] or "").encode(row["charset"]))


def test_the_table_is_complete(shared_data: Path) -> None:
    there = {path.stem for path in (shared_data / "sipmsg" / "rfc4475").glob("*.dat")} - {"test"}
    assert there == {*SOUND, *MARKED}
    assert len(there) == 49


def test_tortuous_invite_is_understood(shared_data: Path) -> None:
    (row,) = parsed((shared_data / "sipmsg" / "rfc4475" / "wsinv.dat").read_bytes())["message"]
    assert (row["from_display"], row["from_tag"], row["to_tag"], row["branch"]) == (
        'J Rosenberg \\"',
        "98asjd8",
        "1918181833n",
        "390skdjuw",
    )
    assert (row["cseq"], row["via_sent_by"], row["contact_uri"]) == (9, "192.0.2.2", "sip:jdrosen@example.com")
