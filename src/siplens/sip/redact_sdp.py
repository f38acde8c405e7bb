"""SDP with pseudonyms, of the same length: addresses and names replaced, keys and passwords blanked, all else as it was."""

from __future__ import annotations

import re

from siplens.sip.redact_words import Words, blank, known

_KEPT_NAMES = frozenset({"-", "session", "sip", "call", "media", "voip", "asterisk", "freeswitch"})
_KEPT = known("sdp_attributes")


def redact_sdp_line(line: str, words: Words) -> str:
    """One line without its end."""
    kind, value = line[:2], line[2:]
    if kind in ("v=", "m=", "b=", "t=", "r=", "z="):
        return line
    if kind == "o=":
        name, space, rest = value.partition(" ")
        return kind + (name if name == "-" else words.display(name)) + space + words.text(rest, any_host=True)
    if kind == "s=":
        return kind + (value if _KEPT_NAMES.issuperset(value.lower().split()) else words.display(value))
    if kind == "c=":
        return kind + re.sub(r"[^\s/]+", lambda found: _place(found[0], words), value)
    if kind == "a=":
        return kind + _attribute(value, words)
    return kind + blank(value)


def _place(word: str, words: Words) -> str:
    """A word of a c= line or of a candidate: an address, a host name, or something else."""
    if (address := words.pseudonyms.address(word)) is not None:
        return address
    return words.pseudonyms.host(word) if "." in word and not word.replace(".", "").isdigit() else word


def _attribute(text: str, words: Words) -> str:
    name, colon, value = text.partition(":")
    if name in _KEPT or not colon:
        return text
    head = name + colon
    if name == "crypto":
        return head + re.sub(r"(?<=inline:)[^|\s;]+", lambda found: re.sub(r"[A-Za-z0-9+/]", "A", found[0]), value)
    if name in ("ice-pwd", "fingerprint", "key-mgmt", "identity", "ice-mismatch"):
        algorithm, space, rest = value.partition(" ")
        return head + (algorithm + space + blank(rest) if name in ("fingerprint", "key-mgmt") and space else blank(value))
    if name == "candidate":
        return head + _candidate(value, words)
    if name == "ssrc":
        number, space, rest = value.partition(" ")
        said, mark, what = rest.partition(":")
        return head + number + space + said + mark + words.pseudonyms.token(what)
    if name == "rtcp":
        return head + re.sub(r"\S+", lambda found: _place(found[0], words), value)
    return head + re.sub(r"[^\s:;=]+", lambda found: words.pseudonyms.token(found[0]), value)


def _candidate(value: str, words: Words) -> str:
    """RFC 5245: foundation component transport …; before it (draft 6): username component password transport …"""
    parts = re.split(r"(\s+)", value)
    texts = parts[::2]
    if len(texts) > 3 and texts[3].lower() in ("udp", "tcp", "tcp-pass", "tcp-act"):
        texts[2] = blank(texts[2])
    if texts:
        texts[0] = words.pseudonyms.token(texts[0])
    texts[1:] = [_place(text, words) for text in texts[1:]]
    parts[::2] = texts
    return "".join(parts)
