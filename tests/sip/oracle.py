"""Holds the compiled scan against the grammars: the same text through both.

What a grammar takes, the scan must read alike and without a problem; what it refuses, the scan must mark. Of messages, every column
that the grammar gives is compared but two: `headers` and `body`, from which the scan cuts keys and proofs of passwords; `sdp_media` and
`ice_candidate` are compared whole. Texts that are not UTF-8 are left out: grammars read characters.
"""

from __future__ import annotations

from collections.abc import Iterable

from siplens.sip.grammar_sdp import NotSdpError, read_sdp
from siplens.sip.grammar_sip import NotSipError, read_message

from .sip_messages import invite, parsed

NOT_COMPARED = {"headers", "body"}  # secrets are cut in them
OTHER_MATTERS = {"a line of SDP cannot be read", "the multipart body cannot be taken apart", "the quality report cannot be read"}
BAD_SDP = "a line of SDP cannot be read"


def assert_same_messages(messages: Iterable[bytes]) -> int:
    """Returns how many the grammar took."""
    messages = list(messages)
    taken = 0
    for message, row in zip(messages, parsed(*messages)["message"], strict=True):
        if row["charset"] != "utf-8":
            continue
        problems = set(row["problems"]) - OTHER_MATTERS
        try:
            fields = read_message(message.decode())
        except NotSipError:
            fields = {}
        if not fields:
            assert problems, message
            continue
        assert not problems, message
        assert {name: row[name] for name in fields if name not in NOT_COMPARED} == {
            name: value for name, value in fields.items() if name not in NOT_COMPARED
        }
        taken += 1
    return taken


def assert_same_sdp(texts: Iterable[bytes]) -> int:
    """Returns how many the grammar took."""
    texts = list(texts)
    messages = [invite("Content-Type: application/sdp") + text for text in texts]
    rows = parsed(*messages)
    taken = 0
    for ordinal, row in enumerate(rows["message"]):
        if row["charset"] != "utf-8":
            continue
        try:
            expected = read_sdp(row["body"] or "")
        except NotSdpError:
            expected = None
        assert (BAD_SDP in row["problems"]) == (expected is None), row["body"]
        if expected is None:
            continue
        for table, wanted in zip(("sdp_media", "ice_candidate"), expected, strict=True):
            found = [of for of in rows[table] if of["message_ordinal"] == ordinal]
            assert [{name: of[name] for name in want} for of, want in zip(found, wanted, strict=True)] == wanted
        taken += 1
    return taken
