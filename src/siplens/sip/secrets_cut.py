"""Cuts keys and proofs of passwords out of a message before anything is stored. What is cut is replaced by `***`.

Digest responses, NTLM and Kerberos data, Basic and Bearer credentials (RFC 3261 22, RFC 7616; [MS-SIPAE]); key material of a=crypto
(RFC 4568), a=cryptoscale ([MS-SDPEXT]), k= (RFC 8866 5.12) and a=key-mgmt (RFC 4567). Crypto suites stay.
"""

from __future__ import annotations

import re

CUT = b"***"

_AUTHENTICATION = re.compile(rb"(?im)^[ \t]*(?:(?:proxy-|www-)?(?:authorization|authenticate|authentication-info))[ \t]*:[^\n]*")
_PROOF = re.compile(rb'(?i)(\b(?:response|rspauth|gssapi-data)[ \t]*=[ \t]*)(?:"(?:[^"\\\n]|\\.)*"?|[^\s,"]+)')
_CREDENTIALS = re.compile(rb"(:[ \t]*[\w-]+[ \t]+)([A-Za-z0-9._~+/-]+=*)([ \t\r]*)\Z")
_KEYS = (
    re.compile(rb'(?i)(inline:[ \t]*)[^\s|;"<]+'),
    re.compile(rb"(?i)(key-mgmt:[ \t]*[\w-]+[ \t]+)\S+"),
    re.compile(rb"(?i)((?:(?<=[\r\n])|\A)k=(?:clear|base64|uri)[ \t]*:)[^\r\n]+"),
)


def _cut_line(line: re.Match[bytes]) -> bytes:
    text = _PROOF.sub(rb'\1"' + CUT + b'"', line.group())
    return _CREDENTIALS.sub(rb"\1" + CUT + rb"\3", text)


def cut_proofs(text: bytes) -> bytes:
    """The text without what authentication headers prove with; works on unfolded header lines."""
    return _AUTHENTICATION.sub(_cut_line, text)


def cut_keys(text: bytes) -> bytes:
    """The text without media keys, wherever they stand in it."""
    for pattern in _KEYS:
        text = pattern.sub(rb"\1" + CUT, text)
    return text
