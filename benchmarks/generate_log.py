"""Writes a large server trace (CLS text), the same bytes every time: 15 % of its records carry SIP, the rest are component lines.

    python benchmarks/generate_log.py out.log                     200 MB
    python benchmarks/generate_log.py --megabytes 1000 out.log

Each SIP record is a message of an answered call as a Mediation Server's front end logs it, INVITE and answers with SDP. The shapes
are those of grammars/cls.lark. Addresses are of private networks, all names made up.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

START = datetime(2026, 1, 5, 8)
PLACE = "POOL01\\FE01"
SIPSTACK = "SIPStack,SIPAdminLog::ProtocolRecord::Flush:ProtocolRecord.cpp(196)"
LINES = (
    ("SIPStack", "CSIPRequest::ProcessRequest:SIPRequest.cpp(2440)", "( 00000000028FDD70 ) Enter - request is within a dialog"),
    ("MediationServer", "CallLeg.OnStateChanged:callleg.cs(812)", "( 00FA12C3 ) state changed: media session is being negotiated, {n} ms"),
    ("UserServices", "CUserSession::Refresh:usersession.cpp(95)", "refreshed registration of endpoint {n} for another 600 seconds"),
    ("OutboundRouting", "Router.Match:router.cs(221)", "matched route number {n} by pattern ^\\+49\\d+$ in 2 candidates, next hop chosen"),
    ("Collaboration", "SipEndpoint.Dispatch:sipendpoint.cs(1404)", "dispatching to {n} observers; queue is empty again afterwards"),
)
SDP = (
    "v=0\no=- 0 0 IN IP4 {ip}\ns=session\nc=IN IP4 {ip}\nb=CT:99980\nt=0 0\nm=audio {port} RTP/SAVP 114 9 111 0 8 97 13 118 101\n"
    "a=x-bypassid:be38f190-a24a-4a72-b66c-b09fd0909ebc\na=ice-ufrag:qkEP\na=candidate:1 1 UDP 2130706431 {ip} {port} typ host\n"
    "a=rtcp:{rtcp}\na=rtpmap:114 x-msrta/16000\na=rtpmap:9 G722/8000\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\n"
    "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=encryption:optional\n"
)
STEPS = (
    ("INVITE", None, True, False),
    ("INVITE", "100 Trying", False, False),
    ("INVITE", "183 Session Progress", True, True),
    ("INVITE", "200 OK", True, True),
    ("ACK", None, False, True),
    ("BYE", None, False, True),
    ("BYE", "200 OK", False, True),
)
"""Method, status line, with SDP, with To tag."""


def head(moment: datetime, sequence: int, flag: str, where: str) -> str:
    stamp = f"{moment:%m/%d/%Y-%H:%M:%S}.{moment.microsecond // 1000:03d}"
    return f"TL_INFO({flag}) [{PLACE}]0F48.1B3C::{stamp}.{sequence:08X} ({where}) "


def messages() -> Iterator[str]:
    """SipStack records of one call after another, without their header lines."""
    for call in itertools.count():
        client, mediation = f"10.3.{call // 250 % 250}.{call % 250 + 1}", "10.1.0.10"
        for number, (method, status, has_sdp, has_tag) in enumerate(STEPS):
            sequence = 1 if method != "BYE" else 2
            sender = client if status is None else mediation
            port = 20_000 + 2 * (call % 20_000)
            body = SDP.format(ip=sender, port=port, rtcp=port + 1) if has_sdp else ""
            uri = f"sip:+4930{call % 10_000_000:07d}@contoso.example;user=phone"
            start = f"SIP/2.0 {status}" if status else f"{method} {uri} SIP/2.0"
            length = len(body) + body.count("\n")
            typed = "Content-Type: application/sdp\n" if body else ""
            yield (
                f"[{3_584_761_000 + call}] $$begin_record\nTrace-Correlation-Id: {3_584_761_000 + call}\nInstance-Id: {number:08X}\n"
                f"Direction: {'outgoing' if status is None else 'incoming'}\nPeer: {mediation}:5061\n"
                f"Message-Type: {'response' if status else 'request'}\nStart-Line: {start}\n"
                f'From: "User {call % 500}"<sip:user{call % 500}@contoso.example>;tag=f{call:08x};epid=c5a4bb5e07\n'
                f"To: <{uri}>{f';tag=t{call:08x}' if has_tag else ''}\nCall-ID: {call:032x}\nCSeq: {sequence} {method}\n"
                f"Via: SIP/2.0/TLS 10.1.0.20:5061;branch=z9hG4bK{call:08X}.{sequence:08X};branched=FALSE\n"
                f"Via: SIP/2.0/TLS {client}:1590;ms-received-port=1590;ms-received-cid=C6B200\nMax-Forwards: 69\n"
                f"Contact: <sip:user{call % 500}@contoso.example;opaque=user:epid:JLcBefPLmVK;gruu>\n"
                "User-Agent: UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)\nSupported: 100rel\nSupported: ms-early-media\n"
                f"ms-subnet: 10.3.{call // 250 % 250}.0\n{typed}Content-Length: {length}\n"
                f"Message-Body: {body or '-'}\n$$end_record\n"
            )


def records(sip_share: float) -> Iterator[str]:
    """All records, one a millisecond."""
    carried, owed = messages(), 0.0
    for number in itertools.count(1):
        moment = START + timedelta(milliseconds=number)
        owed += sip_share
        if owed >= 1:
            owed -= 1
            yield head(moment, number, "TF_PROTOCOL", SIPSTACK) + next(carried)
        else:
            component, function, text = LINES[number % len(LINES)]
            yield head(moment, number, "TF_COMPONENT", f"{component},{function}") + text.format(n=number % 977) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200, help="size of the log (default 200)")
    parser.add_argument("--sip-share", type=float, default=0.15, help="share of records that carry SIP (default 0.15)")
    parser.add_argument("path", type=Path)
    options = parser.parse_args()
    left = options.megabytes * 1_000_000
    with options.path.open("w", encoding="utf-8", newline="", buffering=1 << 22) as file:
        for text in records(options.sip_share):
            if (left := left - len(text) - text.count("\n")) < 0:
                break
            file.write(text.replace("\n", "\r\n"))
    print(f"{options.path}: {options.path.stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
