"""Texts that the lab's people and servers send again and again: a Lync 2013 client's headers, and SDP.

`{names}` are filled by the leg that sends them, see `lab`.
"""

import textwrap

CLIENT_HEADERS = """
    User-Agent: UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)
    Ms-Conversation-ID: {conversation_id}
    Supported: ms-early-media
    Supported: 100rel
    Supported: timer
    Supported: histinfo
    Supported: ms-safe-transfer
    Supported: replaces
    Supported: ms-bypass
    ms-keep-alive: UAC;hop-hop=yes
    ms-subnet: {client_subnet}
    ms-endpoint-location-data: NetworkScope;ms-media-location-type=Intranet
    Allow: INVITE, BYE, ACK, CANCEL, INFO, UPDATE, REFER, NOTIFY, BENOTIFY, OPTIONS
    """

# A client's offer: ICE draft 6 for OCS 2007 first, then RFC 5245. {bypass_line} is its x-bypassid, if it has one.
CLIENT_OFFER = """
    ------=_NextPart_000_001C_01DCAA22.2D055920
    Content-Type: application/sdp
    Content-Transfer-Encoding: 7bit
    Content-ID: <fallback@contoso.example>
    Content-Disposition: session; handling=optional; ms-proxy-2007fallback

    v=0
    o=- 0 0 IN IP4 {client_ip}
    s=session
    c=IN IP4 {client_ip}
    b=CT:99980
    t=0 0
    m=audio {client_port} RTP/AVP 114 9 112 111 0 8 115 97 13 101
    a=candidate:d5lFvGToRDKh/UhyFNN9rharqthzUrF2FIRP+boPcnE 1 1Riht1AWk/x7TSyhrZQfDA UDP 0.830 {client_ip} {client_port}
    a=candidate:d5lFvGToRDKh/UhyFNN9rharqthzUrF2FIRP+boPcnE 2 1Riht1AWk/x7TSyhrZQfDA UDP 0.830 {client_ip} {client_rtcp}
    a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:c3ludGhldGljIGtleSwgbm90IGEgc2VjcmV0ISEh|2^31|1:1
    a=rtcp:{client_rtcp}
    a=rtpmap:0 PCMU/8000
    a=encryption:optional

    ------=_NextPart_000_001C_01DCAA22.2D055920
    Content-Type: application/sdp
    Content-Transfer-Encoding: 7bit
    Content-ID: <current@contoso.example>
    Content-Disposition: session; handling=optional

    v=0
    o=- 0 1 IN IP4 {client_ip}
    s=session
    c=IN IP4 {client_ip}
    b=CT:99980
    t=0 0
    a=x-devicecaps:audio:send,recv;video:send,recv
    m=audio {client_port} RTP/AVP 114 9 112 111 0 8 115 97 13 101
    a=x-ssrc-range:{client_ssrc}-{client_ssrc}
    a=rtcp-fb:* x-message app send:dsh recv:dsh
    a=label:main-audio
    {bypass_line}
    a=ice-ufrag:M+7x
    a=ice-pwd:3l2Yir4ryApcueo0Fqq4gex1
    a=candidate:1 1 UDP 2130706431 {client_ip} {client_port} typ host
    a=candidate:1 2 UDP 2130705918 {client_ip} {client_rtcp} typ host
    a=candidate:2 1 TCP-ACT 1684797951 {client_ip} {client_port} typ srflx raddr {client_ip} rport {client_port}
    a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:c3ludGhldGljIGtleSwgbm90IGEgc2VjcmV0ISEh|2^31|1:1
    a=maxptime:200
    a=rtcp:{client_rtcp}
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

    ------=_NextPart_000_001C_01DCAA22.2D055920--
    """

# G.711 for the gateway's side of things: media at {media_ip}, whoever that is; {origin_ip} wrote it.
G711 = """
    v=0
    o=- {session} 1 IN IP4 {origin_ip}
    s=session
    c=IN IP4 {media_ip}
    t=0 0
    m=audio {media_port} RTP/AVP 0 8 101
    a=rtpmap:0 PCMU/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-15
    a=ptime:20
    a=sendrecv
    """

# The Mediation Server's own media towards a client: G.722 over SRTP, ICE with one host candidate.
MEDIATION_ANSWER = """
    v=0
    o=- {session} 0 IN IP4 10.1.0.10
    s=session
    c=IN IP4 10.1.0.10
    b=CT:1000
    t=0 0
    m=audio {mediation_port} RTP/AVP 9 0 8 101
    a=label:main-audio
    a=ice-ufrag:kT9q
    a=ice-pwd:Z8pVt3q9LwX0cB7mYh2KfR4s
    a=candidate:1 1 UDP 2130706431 10.1.0.10 {mediation_port} typ host
    a=candidate:1 2 UDP 2130705918 10.1.0.10 {mediation_rtcp} typ host
    a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:bm90IGEgc2VjcmV0LCBvbmx5IGFuIGV4YW1wbGUh|2^31|1:1
    a=rtcp:{mediation_rtcp}
    a=rtpmap:9 G722/8000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-16
    a=sendrecv
    a=encryption:optional
    """

# A client's answer to that: its own media, mediated.
CLIENT_ANSWER = """
    v=0
    o=- 0 0 IN IP4 {client_ip}
    s=session
    c=IN IP4 {client_ip}
    b=CT:99980
    t=0 0
    m=audio {client_port} RTP/AVP 9 0 8 101
    a=label:main-audio
    a=ice-ufrag:M+7x
    a=ice-pwd:3l2Yir4ryApcueo0Fqq4gex1
    a=candidate:1 1 UDP 2130706431 {client_ip} {client_port} typ host
    a=candidate:1 2 UDP 2130705918 {client_ip} {client_rtcp} typ host
    a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:c3ludGhldGljIGtleSwgbm90IGEgc2VjcmV0ISEh|2^31|1:1
    a=rtcp:{client_rtcp}
    a=rtpmap:9 G722/8000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-16
    a=sendrecv
    a=encryption:optional
    """


def g711(media_ip: str, media_port: int | str, origin_ip: str) -> str:
    """SDP of G.711 at an address: a client's, the gateway's or the Mediation Server's."""
    text = textwrap.dedent(G711).strip()
    return text.replace("{media_ip}", media_ip).replace("{media_port}", str(media_port)).replace("{origin_ip}", origin_ip)
