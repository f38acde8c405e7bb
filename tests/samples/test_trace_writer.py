"""The trace writer: what it writes is what Wireshark reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from trace_writer import Capture, Host, Leg, Party, Proxy, ServerLog

CLIENT = Host("client", "10.3.0.51")
PROXY = Host("proxy", "10.1.0.5", "fe01.contoso.example")
GATEWAY = Host("gateway", "10.2.0.20")
CLIENT6, GATEWAY6 = Host("client", "2001:db8:3::51"), Host("gateway", "2001:db8:2::20")
START = "2026-03-02 09:00:00"


def options(number: int, padding: int = 0) -> bytes:
    lines = [
        "OPTIONS sip:gw1.contoso.example SIP/2.0",
        f"Via: SIP/2.0/TCP 10.3.0.51;branch=z9hG4bK{number}",
        "From: <sip:a@contoso.example>;tag=1",
        "To: <sip:b@contoso.example>",
        f"Call-ID: {number}@10.3.0.51",
        f"CSeq: {number} OPTIONS",
        *[f"X-Padding-{n}: {'x' * 60}" for n in range(padding)],
        "Content-Length: 0",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.fixture(params=["pcap", "pcapng"])
def ending(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def written(capture: Capture, folder: Path, ending: str = "pcapng") -> Path:
    path = folder / f"capture.{ending}"
    capture.write(path)
    return path


def clean(packets: list[Any]) -> bool:
    return [packet for packet in packets if packet.complaints or "_ws.malformed" in packet.protocols] == []


@pytest.mark.parametrize(("one", "other"), [(CLIENT, GATEWAY), (CLIENT6, GATEWAY6)], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("vlan", [None, 20])
def test_every_kind_of_packet_is_sound(one: Host, other: Host, vlan: int | None, ending: str, tmp_path: Path, tshark: Any) -> None:
    capture = Capture(START, vlan=vlan)
    capture.sip(0.1, one, 5060, other, 5060, "udp", options(1))
    capture.sip(0.2, one, 50200, other, 5060, "tcp", options(2))
    capture.talk(1.0, (one, 50020), (other, 20000), seconds=0.5, ssrcs=(11, 22))
    capture.stun(2.0, (one, 50020), (other, 20000), "request", "t1", username="a:b", use_candidate=True)
    capture.stun(2.1, (other, 20000), (one, 50020), "success", "t1", mapped=(one, 50020))
    capture.stun(2.2, (other, 20000), (one, 50020), "error", "t2", error_code=487)
    capture.icmp(3.0, other, *((1, 4) if ":" in one.ip else (3, 3)), (one, 50020), (other, 20000), b"x" * 12)
    packets = tshark.packets(written(capture, tmp_path, ending))
    assert clean(packets)
    assert len(packets) == capture.counts.frames
    assert (capture.counts.sip, capture.counts.rtp, capture.counts.rtcp) == (2, 50, 4)
    assert all(("vlan" in packet.protocols) == (vlan is not None) for packet in packets)


def test_a_wrong_checksum_would_be_noticed(tmp_path: Path, tshark: Any) -> None:
    capture = Capture(START)
    capture.sip(0.1, CLIENT, 5060, GATEWAY, 5060, "udp", options(1))
    path = written(capture, tmp_path, "pcap")
    spoilt = bytearray(path.read_bytes())
    spoilt[-20] ^= 1
    path.write_bytes(spoilt)
    assert not clean(tshark.packets(path))


@pytest.mark.parametrize(("one", "other"), [(CLIENT, GATEWAY), (CLIENT6, GATEWAY6)], ids=["IPv4", "IPv6"])
def test_a_long_datagram_goes_in_fragments(one: Host, other: Host, tmp_path: Path, tshark: Any) -> None:
    capture = Capture(START)
    capture.sip(0.1, one, 5060, other, 5060, "udp", options(1, padding=60))
    path = written(capture, tmp_path)
    assert clean(tshark.packets(path))
    assert capture.counts.frames == 4
    assert tshark.fields(path, "sip.Call-ID", only="sip") == [["1@10.3.0.51"]]


def test_messages_share_a_segment_and_spread_over_many(tmp_path: Path, tshark: Any) -> None:
    capture = Capture(START)
    capture.sip(0.1, CLIENT, 50200, GATEWAY, 5060, "tcp", options(1), options(2))
    capture.sip(0.3, CLIENT, 50200, GATEWAY, 5060, "tcp", b"\r\n\r\n")
    capture.sip(0.5, CLIENT, 50200, GATEWAY, 5060, "tcp", options(3, padding=10), segment_bytes=300)
    path = written(capture, tmp_path)
    assert clean(tshark.packets(path))
    assert [row[0] for row in tshark.fields(path, "sip.CSeq.seq", only="sip")] == ["1,2", "3"]
    assert capture.counts.sip == 3  # a keep-alive is no message


def test_a_tcp_connection_opens_and_closes(tmp_path: Path, tshark: Any) -> None:
    capture = Capture(START)
    capture.sip(0.1, CLIENT, 50200, GATEWAY, 5060, "tcp", options(1))
    capture.connect(0.1, (CLIENT, 50200), (GATEWAY, 5060)).close(1.0, CLIENT)
    flags = [row[0] for row in tshark.fields(written(capture, tmp_path), "tcp.flags.str")]
    assert [flag.replace("·", "") for flag in flags] == ["S", "AS", "A", "AP", "A", "AF", "AF", "A"]


def test_tls_hides_the_message(tmp_path: Path, tshark: Any) -> None:
    capture = Capture(START)
    capture.sip(0.1, CLIENT, 50200, GATEWAY, 5061, "tls", options(1))
    packets = tshark.packets(written(capture, tmp_path))
    assert clean(packets)
    assert capture.counts.sip == 0
    assert any("tls" in packet.protocols for packet in packets)


def test_time_must_not_run_backwards_on_a_connection() -> None:
    capture = Capture(START)
    capture.sip(0.5, CLIENT, 50200, GATEWAY, 5060, "tcp", options(1))
    with pytest.raises(ValueError, match="connection is already at"):
        capture.sip(0.1, CLIENT, 50200, GATEWAY, 5060, "tcp", options(2))


def test_media_is_lost_doubled_late_and_pressed(tmp_path: Path, tshark: Any) -> None:
    capture = Capture(START)
    media = capture.rtp(1.0, (CLIENT, 50020), (GATEWAY, 20000), seconds=0.4, ssrc=7, seq=100, drop=[3], again=[5], late=[7], keys={10: "5"})
    rows = tshark.fields(written(capture, tmp_path), "rtp.seq", "rtp.p_type", "rtpevent.event_id", only="rtp")
    assert [int(row[0]) for row in rows[:8]] == [100, 101, 102, 104, 105, 105, 106, 108]
    assert [int(row[0]) for row in rows[8:10]] == [107, 109]
    assert [row[2] for row in rows if row[1] == "101"] == ["5"] * 5
    assert (media.packets, media.lost, capture.counts.rtp) == (20, 1, 20)


def test_only_mirrored_hosts_are_seen(tmp_path: Path, tshark: Any) -> None:
    capture = Capture(START, interfaces={"of the proxy": [PROXY], "of the gateway": [GATEWAY]})
    capture.sip(0.1, CLIENT, 5060, PROXY, 5060, "udp", options(1))
    capture.sip(0.2, PROXY, 5060, GATEWAY, 5060, "udp", options(2))
    capture.sip(0.3, CLIENT, 5060, GATEWAY, 5060, "udp", options(3))
    capture.sip(0.4, CLIENT, 5060, Host("neighbour", "10.3.0.52"), 5060, "udp", options(4))
    rows = tshark.fields(written(capture, tmp_path), "frame.interface_name", "sip.CSeq.seq")
    assert rows == [["of the proxy", "1"], ["of the proxy", "2"], ["of the gateway", "3"]]


def test_two_taps_see_a_packet_twice(tmp_path: Path, tshark: Any) -> None:
    capture = Capture(START, interfaces={"of the proxy": [PROXY], "of the gateway": [GATEWAY]}, copies=True)
    capture.sip(0.1, PROXY, 5060, GATEWAY, 5060, "udp", options(1))
    rows = tshark.fields(written(capture, tmp_path), "frame.interface_id", "sip.CSeq.seq")
    assert rows == [["0", "1"], ["1", "1"]]


class Sent:
    """A sink that keeps the messages."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def sip(self, at: float, src: Host, src_port: int, dst: Host, dst_port: int, transport: str, *messages: bytes) -> None:
        self.texts += [message.decode() for message in messages]


def leg(sink: Sent, proxy: Proxy | None = None) -> Leg:
    caller = Party(CLIENT, 5060, "sip:anna@contoso.example", "aa")
    callee = Party(GATEWAY, 5060, "sip:+14255550142@gw1.contoso.example", "bb", capitals=True)
    return Leg("call-1", caller, callee, [[sink]] * (2 if proxy else 1), ("udp",) * (2 if proxy else 1), proxy)


def head(text: str, name: str) -> list[str]:
    lines = text.split("\r\n\r\n")[0].split("\r\n")[1:]
    return [line.split(": ", 1)[1] for line in lines if line.split(":")[0].lower() == name]


def test_a_leg_fills_what_is_mechanical() -> None:
    sent = Sent()
    session = leg(sent)
    session.request(0, session.caller, """
        INVITE sip:{number}@gw1.contoso.example SIP/2.0
        {head}
        Content-Type: application/sdp

        v=0
        s=ü
        """, number="+14255550142")  # fmt: skip
    session.response(1, session.callee, "SIP/2.0 183 Session Progress\n{head}", to_tag="fork")
    session.response(2, session.callee, "SIP/2.0 200 OK\n{head}", to_tag="cc")
    session.request(3, session.caller, "ACK sip:gw SIP/2.0\n{head}")
    session.request(4, session.callee, "BYE sip:anna SIP/2.0\n{head}")
    invite, early, answer, ack, bye = sent.texts
    assert invite.endswith("Content-Length: 11\r\n\r\nv=0\r\ns=ü\r\n")
    assert invite.startswith("INVITE sip:+14255550142@gw1.contoso.example SIP/2.0\r\nVia: SIP/2.0/UDP 10.3.0.51:5060;branch=")
    assert head(early, "via") == head(invite, "via")
    assert [head(text, "to")[0].split(";tag=")[1] for text in (early, answer, ack)] == ["fork", "cc", "cc"]
    assert head(ack, "via") != head(invite, "via")
    assert (head(ack, "cseq"), head(bye, "cseq")) == (["1 ACK"], ["1 BYE"])
    assert "FROM: <sip:+14255550142@gw1.contoso.example>;tag=cc\r\nTO: <sip:anna@contoso.example>;tag=aa\r\n" in bye


def test_a_failure_is_acknowledged_on_its_own_branch_and_a_second_try_has_a_new_cseq() -> None:
    sent = Sent()
    session = leg(sent)
    session.request(0, session.caller, "INVITE sip:gw SIP/2.0\n{head}")
    session.response(1, session.callee, "SIP/2.0 488 Not Acceptable Here\n{head}")
    session.request(2, session.caller, "ACK sip:gw SIP/2.0\n{head}")
    session.request(3, session.caller, "INVITE sip:gw SIP/2.0\n{head}")
    first, _, ack, second = sent.texts
    assert head(ack, "via") == head(first, "via")
    assert head(second, "cseq") == ["2 INVITE"]
    assert "tag=" not in head(second, "to")[0]


def test_a_proxy_adds_its_via_and_takes_it_off() -> None:
    sent = Sent()
    session = leg(sent, Proxy(PROXY, 5060, 49811))
    session.request(0, session.caller, "INVITE sip:gw SIP/2.0\n{head}")
    session.response(1, session.callee, "SIP/2.0 200 OK\n{head}")
    from_caller, to_callee, from_callee, to_caller = sent.texts
    assert [len(head(text, "via")) for text in sent.texts] == [1, 2, 2, 1]
    assert head(to_caller, "via") == head(from_caller, "via")
    assert head(from_callee, "record-route") == head(to_callee, "record-route")
    assert (head(from_caller, "max-forwards"), head(to_callee, "max-forwards")) == (["70"], ["69"])


def test_a_name_without_value_is_an_error() -> None:
    session = leg(Sent())
    with pytest.raises(KeyError, match="nobody"):
        session.request(0, session.caller, "INVITE sip:{nobody} SIP/2.0\n{head}")


def test_a_log_holds_what_its_server_saw(tmp_path: Path) -> None:
    log = ServerLog(START, PROXY, "POOL01\\FE01", offset_s=0.25)
    log.sip(1.0, CLIENT, 50200, PROXY, 5061, "tls", options(1))
    log.sip(1.1, PROXY, 49811, GATEWAY, 5060, "tcp", options(2))
    log.sip(1.2, CLIENT, 5060, GATEWAY, 5060, "udp", options(3))
    log.write(tmp_path / "server.log", newline="\n")
    note, *records = (tmp_path / "server.log").read_text().split("TL_INFO(TF_PROTOCOL) ")
    assert "synthetic" in note
    assert len(records) == 2
    assert records[0].startswith("[POOL01\\FE01]0F48.1B3C::03/02/2026-09:00:01.250.00000001 (SIPStack,")
    assert "Direction: incoming\nPeer: 10.3.0.51:50200\n" in records[0]
    assert records[0].endswith("CSeq: 1 OPTIONS\nContent-Length: 0\nMessage-Body: -\n$$end_record\n")
    assert "Direction: outgoing\nPeer: 10.2.0.20:5060\n" in records[1]


def test_an_s4_log_shows_both_addresses(tmp_path: Path) -> None:
    log = ServerLog(START, PROXY, "1", shape="s4")
    log.sip(1.0, CLIENT, 50200, PROXY, 5068, "tcp", options(1))
    log.write(tmp_path / "s4.log")
    text = (tmp_path / "s4.log").read_bytes().decode()
    assert "<<<<<<<<<<<<Incoming SipMessage c=[<SipTcpConnection_21C5C5A>], 10.1.0.5:5068<-10.3.0.51:50200\r\nOPTIONS" in text
    assert text.endswith("------------EndOfIncoming SipMessage\r\n")
