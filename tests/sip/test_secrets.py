"""Keys and proofs of passwords never get into a row, wherever they stand in a message."""

from __future__ import annotations

import base64

import pytest

from .sip_messages import invite, parsed

SECRET = "6629fae49393a05397450978507c4ef1"


@pytest.mark.parametrize(
    "header",
    [
        f'Authorization: Digest username="a", realm="r", nonce="n", uri="sip:r", response="{SECRET}"',
        f"Proxy-Authorization: Digest username=a,response={SECRET},nonce=n",
        f'proxy-authorization: NTLM qop="auth", gssapi-data="{SECRET}", crand="1", response = "{SECRET}"',
        f'Authorization:\r\n Digest\r\n\tresponse="{SECRET}"',
        f"Authorization: Basic {SECRET}==",
        f"Authorization: Bearer {SECRET}",
        f'Authentication-Info: Kerberos qop="auth", rspauth="{SECRET}", srand="66F30D93"',
        f'WWW-Authenticate: NTLM opaque="2BDBAC9D", gssapi-data="{SECRET}"',
    ],
)
def test_proofs_in_headers(header: str) -> None:
    rows = parsed(invite(header))
    assert SECRET not in repr(rows)
    assert "***" in repr(rows["message"][0]["headers"])
    assert rows["message"][0]["problems"] == []


SDP = f"""v=0
o=- 0 0 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
k=base64:{SECRET}
a=key-mgmt:mikey {SECRET}
m=audio 4000 RTP/SAVP 0
a=cryptoscale:1 client AES_CM_128_HMAC_SHA1_80 inline:{SECRET}|2^31|1:1
a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:{SECRET}|2^31;inline:{SECRET}|2^31|2:4
""".replace("\n", "\r\n").encode()


def test_keys_in_sdp_are_cut_and_suites_stay() -> None:
    rows = parsed(invite("Content-Type: application/sdp", body=SDP))
    assert SECRET not in repr(rows)
    assert rows["sdp_media"][0]["crypto_suites"] == ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"]
    assert "inline:***|2^31|1:1" in rows["message"][0]["body"]
    assert rows["message"][0]["body_bytes"] == len(SDP)
    assert rows["message"][0]["problems"] == []


@pytest.mark.parametrize("content_type", ["application/gw-sdp", "text/plain", "message/sipfrag", "application/octet-stream"])
def test_keys_are_cut_whatever_the_body_calls_itself(content_type: str) -> None:
    assert SECRET not in repr(parsed(invite(f"Content-Type: {content_type}", body=SDP)))


def test_proofs_in_a_message_within_the_message() -> None:
    inner = invite(f'Authorization: Digest response="{SECRET}"')
    assert SECRET not in repr(parsed(invite("Content-Type: message/sip", body=inner)))


def test_keys_behind_base64() -> None:
    encoded = base64.encodebytes(SDP)
    body = b"--b\r\nContent-Type: application/sdp\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded + b"\r\n--b--\r\n"
    rows = parsed(invite("Content-Type: multipart/mixed;boundary=b", body=body))
    assert encoded.split(b"\n")[3].decode() not in rows["message"][0]["body"]
    assert rows["sdp_media"][0]["crypto_suites"] == ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"]
