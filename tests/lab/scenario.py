"""SIPp scenarios of the lab's callers and callees, step by step.

A caller's values come from SIPp's injection file: [field0] the number in the public network, [field1] the user's name,
[field2] the user's number, [field3] the bypass ID that the client was told at sign-in, [field4] its subnet.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

CLIENT = "client"
PEER = "peer"
AGENTS = {
    CLIENT: "User-Agent: UCCAPI/16.0.4417.1000 OC/16.0.4417.1000 (Skype for Business)",
    PEER: "User-Agent: Example-Gateway/7.2",
}

G711 = """
v=0
o=- 2001 1 IN IP4 [media_ip]
s=session
c=IN IP4 [media_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 0 8 101
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
a={direction}
"""

NO_AUDIO = """
v=0
o=- 2001 1 IN IP4 [media_ip]
s=session
c=IN IP4 [media_ip]
t=0 0
m=audio 0 RTP/AVP 0
"""

# The shape of a Skype for Business client's offer: two descriptions, the first for old servers, both with candidates.
CLIENT_PART = """
v=0
o=- 0 {version} IN IP4 [media_ip]
s=session
c=IN IP4 [media_ip]
b=CT:99980
t=0 0
m=audio [auto_media_port] RTP/AVP 114 9 112 111 0 8 115 97 13 101
a=x-ssrc-range:724001-724001
a=rtcp-fb:* x-message app send:dsh recv:dsh
a=label:main-audio
{bypass}a=ice-ufrag:M+7x
a=ice-pwd:3l2Yir4ryApcueo0Fqq4gex1
a=candidate:1 1 TCP-ACT 1684797951 [media_ip] 9 typ host
a=maxptime:200
a=rtpmap:114 x-msrta/16000
a=fmtp:114 bitrate=29000
a=rtpmap:9 G722/8000
a=rtpmap:112 G7221/16000
a=fmtp:112 bitrate=24000
a=rtpmap:111 SIREN/16000
a=fmtp:111 bitrate=16000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:115 x-msrta/8000
a=fmtp:115 bitrate=11800
a=rtpmap:97 RED/8000
a=rtpmap:13 CN/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=encryption:optional
"""
BOUNDARY = "----=_NextPart_000_001C_01DCAA22.2D055920"
CLIENT_OFFER = f"""
--{BOUNDARY}
Content-Type: application/sdp
Content-Disposition: session; handling=optional; ms-proxy-2007fallback
{CLIENT_PART.format(version=0, bypass="")}
--{BOUNDARY}
Content-Type: application/sdp
Content-Disposition: session; handling=optional
{CLIENT_PART.format(version=1, bypass="a=x-bypassid:[field3]" + chr(10))}
--{BOUNDARY}--
"""

CLIENT_HEADERS = """
Ms-Conversation-ID: AdyqIk[field0]==
Supported: ms-early-media
Supported: 100rel
Supported: timer
Supported: histinfo
Supported: ms-safe-transfer
Supported: replaces
Supported: ms-bypass
ms-keep-alive: UAC;hop-hop=yes
ms-subnet: [field4]
ms-endpoint-location-data: NetworkScope;ms-media-location-type=Intranet
Allow: INVITE, BYE, ACK, CANCEL, INFO, UPDATE, REFER, NOTIFY, BENOTIFY, OPTIONS
"""


def sdp(direction: str = "sendrecv") -> str:
    """G.711 at SIPp's own media address."""
    return G711.format(direction=direction)


@dataclass
class Scenario:
    """Steps of one party; `side` is CLIENT or PEER, `sound` the RTP that it plays."""

    name: str
    side: str
    sound: str
    _steps: list[str] = field(default_factory=list)
    _saved: bool = False
    _keeps_callee: bool = False

    @property
    def xml(self) -> str:
        kept = ["via", "from", "to", "cseq"] * self._saved + ["callee"] * self._keeps_callee
        reference = f'<Reference variables="{",".join(kept)}"/>\n' if kept else ""
        steps = "\n".join(self._steps)
        return f'<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="{self.name}">\n{steps}\n{reference}</scenario>\n'

    # steps of both

    def pause(self, ms: int) -> Scenario:
        self._steps.append(f'<pause milliseconds="{ms}"/>')
        return self

    def play(self) -> Scenario:
        """Begins to send RTP to where the last SDP said; the scenario goes on meanwhile."""
        self._steps.append(f'<nop><action><exec play_pcap_audio="{self.sound}"/></action></nop>')
        return self

    def expect(self, *requests: str) -> Scenario:
        """Waits for these requests, one after another."""
        self._steps += [f'<recv request="{request}"/>' for request in requests]
        return self

    def got(self, *statuses: int, maybe: tuple[int, ...] = ()) -> Scenario:
        """Waits for these responses, one after another; `maybe` may come before."""
        self._steps += [f'<recv response="{status}" optional="true"/>' for status in maybe]
        self._steps += [f'<recv response="{status}"/>' for status in statuses]
        return self

    def pause_unless(self, request: str, ms: int, label: int) -> Scenario:
        """Waits `ms`, or goes to the label at once where the request comes meanwhile."""
        self._steps.append(f'<recv request="{request}" timeout="{ms}" ontimeout="{label + 1}" next="{label}"/>')
        return self.label(label + 1)

    def label(self, label: int) -> Scenario:
        """A place to go to."""
        self._steps.append(f'<label id="{label}"/>')
        return self

    def got_answer(self, *, maybe: tuple[int, ...] = ()) -> Scenario:
        """Waits for the 200, and keeps the callee with its tag: after a request of the callee the last To is our own."""
        self._keeps_callee = True
        self.got(maybe=maybe)
        keep = '<ereg regexp=".*" search_in="hdr" header="To:" check_it="true" assign_to="callee"/>'
        self._steps.append(f'<recv response="200"><action>{keep}</action></recv>')
        return self

    def _send(self, text: str, again: bool) -> None:
        repeat = ' retrans="500"' if again else ""
        self._steps.append(f"<send{repeat}><![CDATA[\n{text}\n]]></send>")

    # steps of a caller

    def _caller(self) -> tuple[str, str]:
        """From and To, as the caller writes them before there is a dialog."""
        if self.side == CLIENT:
            return (
                '"[field1]" <sip:[field1]@contoso.example>;tag=[pid]c[call_number];epid=d2ff665153',
                "<sip:[field0]@contoso.example;user=phone>",
            )
        return "<sip:[field0]@gw.contoso.example;user=phone>;tag=[pid]p[call_number]", "<sip:[field2]@med01.contoso.example;user=phone>"

    def request(
        self,
        method: str,
        cseq: int,
        *headers: str,
        body: str = "",
        kind: str = "application/sdp",
        in_dialog: bool = True,
        branch: str = "",
    ) -> Scenario:
        """A request of the caller; `branch` tells transactions apart: CANCEL and the ACK of a failure take the INVITE's."""
        caller, callee = self._caller()
        lines = [
            f"{method} sip:{'[field0]' if self.side == CLIENT else '[field2]'}@[remote_ip]:[remote_port] SIP/2.0",
            f"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK[pid]-[call_number]-{branch or f'{method}{cseq}'}",
            "Max-Forwards: 70",
            f"From: {caller}",
            f"To: {callee}" if not in_dialog else "To:[$callee]" if self._keeps_callee else "[last_To:]",
            "Call-ID: [call_id]",
            f"CSeq: {cseq} {method}",
            *(["Contact: <sip:[local_ip]:[local_port];transport=[transport]>"] if method == "INVITE" else []),
            AGENTS[self.side],
            *headers,
        ]
        self._message(lines, body, kind, again=method != "ACK")
        return self

    def invite(self, *, reliable: bool = False) -> Scenario:
        """The INVITE that begins the call."""
        if self.side == CLIENT:
            headers = CLIENT_HEADERS.strip().splitlines()
            return self.request(
                "INVITE",
                1,
                *headers,
                body=CLIENT_OFFER,
                kind=f'multipart/alternative;boundary="{BOUNDARY}"',
                in_dialog=False,
                branch="first",
            )
        supported = "Supported: 100rel, timer, replaces" if reliable else "Supported: timer, replaces"
        allow = "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, PRACK, REFER"
        return self.request("INVITE", 1, supported, allow, body=sdp(), in_dialog=False, branch="first")

    # steps of a callee

    def invited(self) -> Scenario:
        """Waits for the INVITE, and keeps what responses to it need."""
        self._saved = True
        keep = "".join(
            f'<ereg regexp=".*" search_in="hdr" header="{header}:" check_it="true" assign_to="{name}"/>'
            for header, name in (("Via", "via"), ("From", "from"), ("To", "to"), ("CSeq", "cseq"))
        )
        self._steps.append(f'<recv request="INVITE"><action>{keep}</action></recv>')
        return self

    def answer(self, status: str, *headers: str, tag: str = "", body: str = "") -> Scenario:
        """A response to the INVITE."""
        to = "To:[$to]" if status.startswith("100") else f"To:[$to];tag=[pid]s[call_number]{tag}"
        lines = [f"SIP/2.0 {status}", "Via:[$via]", "From:[$from]", to, "[last_Call-ID:]", "CSeq:[$cseq]"]
        if not status.startswith("100"):
            contact = "Contact: <sip:[local_ip]:[local_port];transport=[transport]>"
            lines += [contact, AGENTS[self.side].replace("User-Agent", "User-Agent" if self.side == CLIENT else "Server"), *headers]
        self._message(lines, body, "application/sdp", again=status.startswith(("2", "4", "6")))
        return self

    def reply(self, status: str = "200 OK", *headers: str, body: str = "", again: bool = False) -> Scenario:
        """A response to the last request inside the dialog."""
        lines = [f"SIP/2.0 {status}", "[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "[last_CSeq:]", *headers]
        if body:
            lines.append("Contact: <sip:[local_ip]:[local_port];transport=[transport]>")
        self._message(lines, body, "application/sdp", again)
        return self

    def _message(self, lines: list[str], body: str, kind: str, again: bool) -> None:
        ending = [f"Content-Type: {kind}"] if body else []
        text = "\n".join([*lines, *ending, "Content-Length: [len]", "", textwrap.dedent(body).strip(), ""])
        self._send(text, again)
