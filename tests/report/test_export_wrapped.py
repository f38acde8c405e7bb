"""Calls that came in HEP, in TURN channels or within TLS are exported as they came: tshark counts the same inside as in the source."""

from __future__ import annotations

import shutil
import struct
from ipaddress import ip_address
from pathlib import Path

import pytest

from siplens.cli.app import main

from ..capture.packets import pcap, rtp, sdp, udp_frame
from ..capture.tls_exchange import CLIENT, SERVER, Exchange, exchange, with_secrets
from .exports import export, ingest, invited, rtp_packets, sip_messages, tshark

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")

PHONE, PROXY = "192.0.2.10", "192.0.2.11"
COLLECTOR = (40000, 9060)
Sent = tuple[bytes, tuple[str, str], tuple[int, int]]
"""Payload, addresses and ports of a datagram."""


def message(first: str, call: str, cseq: str, body: str = "") -> bytes:
    """A message of a call from PHONE to PROXY."""
    typed = "Content-Type: application/sdp\r\n" if body else ""
    return (
        f"{first}\r\nVia: SIP/2.0/UDP {PHONE};branch=z9hG4bK{call}{cseq[0]}\r\nFrom: <sip:anna@contoso.example>;tag=a{call}\r\n"
        f"To: <sip:+14255550142@contoso.example>;tag=b{call}\r\nCall-ID: {call}\r\nCSeq: {cseq}\r\n{typed}"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def call(name: str, port: int) -> tuple[list[Sent], list[Sent], list[Sent]]:
    """Beginning, media, and end of a call."""
    forth, back = ((PHONE, PROXY), (5060, 5061)), ((PROXY, PHONE), (5061, 5060))
    uri = "sip:+14255550142@contoso.example"
    invite = message(f"INVITE {uri} SIP/2.0", name, "1 INVITE", sdp(PHONE, port)).replace(f";tag=b{name}".encode(), b"")
    begin = [
        (invite.replace(b"Content-Length", b"Max-Forwards: 70\r\nContent-Length"), *forth),
        (message("SIP/2.0 200 OK", name, "1 INVITE", sdp(PROXY, port + 100)), *back),
        (message(f"ACK {uri} SIP/2.0", name, "1 ACK"), *forth),
    ]
    media: list[Sent] = []
    for number in range(60):
        media.append((rtp(number, number * 160, ssrc=port), (PHONE, PROXY), (port, port + 100)))
        media.append((rtp(number, number * 160, ssrc=port + 1), (PROXY, PHONE), (port + 100, port)))
    return begin, media, [(message(f"BYE {uri} SIP/2.0", name, "2 BYE"), *forth), (message("SIP/2.0 200 OK", name, "2 BYE"), *back)]


def hep(sent: Sent) -> bytes:
    """A HEP 3 packet with a copy of a datagram."""
    payload, ends, ports = sent
    addresses = [(3, ip_address(ends[0]).packed), (4, ip_address(ends[1]).packed)]
    chunks = [(1, b"\x02"), (2, b"\x11"), *addresses, (7, struct.pack("!H", ports[0])), (8, struct.pack("!H", ports[1])), (15, payload)]
    body = b"".join(struct.pack("!HHH", 0, kind, 6 + len(value)) + value for kind, value in chunks)
    return b"HEP3" + struct.pack("!H", 6 + len(body)) + body


def frames(sent: list[Sent]) -> list[tuple[float, bytes]]:
    """Datagrams as frames, 20 ms apart."""
    return [(number * 0.02, udp_frame(payload, ports, ends)) for number, (payload, ends, ports) in enumerate(sent)]


def uncovered(capture: Path, folder: Path) -> Path:
    """The datagrams that the HEP packets of a capture are copies of, as a capture: tshark 4.0 knows no HEP."""
    sent: list[Sent] = []
    for (text,) in tshark(capture, f"udp.port == {COLLECTOR[1]}", "udp.payload"):
        packet, at, chunks = bytes.fromhex(text), 6, {}
        while at < len(packet):
            kind, size = struct.unpack_from("!HH", packet, at + 2)
            chunks[kind] = packet[at + 6 : at + size]
            at += size
        ends = str(ip_address(chunks[3])), str(ip_address(chunks[4]))
        sent.append((chunks[15], ends, (int.from_bytes(chunks[7], "big"), int.from_bytes(chunks[8], "big"))))
    path = folder / f"{capture.stem}-uncovered.pcap"
    path.write_bytes(pcap(frames(sent)))
    return path


def test_a_call_copied_in_hep(tmp_path: Path) -> None:
    first, second = call("one", 20000), call("two", 30000)
    sent = [*first[0], *second[0], *[each for pair in zip(first[1], second[1], strict=True) for each in pair], *first[2], *second[2]]
    source, output = tmp_path / "copies.pcap", tmp_path / "one.pcapng"
    source.write_bytes(pcap(frames([(hep(each), ("192.0.2.50", "192.0.2.60"), COLLECTOR) for each in sent])))
    database = ingest(source, tmp_path)
    assert export(database, output, "one") == 0
    there, here = uncovered(source, tmp_path), uncovered(output, tmp_path)
    assert sum(sip_messages(there, {"one", "two"}).values()) == 10
    assert sip_messages(here, {"one", "two"}) == sip_messages(there, {"one"})
    of_first = {stream: packets for stream, packets in rtp_packets(there).items() if stream[1] in ("20000", "20100")}
    assert rtp_packets(here) == of_first
    assert sorted(of_first.values()) == [60, 60]


def test_a_call_with_media_in_turn_channels_and_its_handshakes(tmp_path: Path) -> None:
    """Every datagram of the call's ends is there: ChannelData (RFC 8656 12.4), STUN, DTLS; another call's are not."""
    begin, media, end = call("one", 20000)
    other = call("two", 30000)
    forth = [each for each in media if each[2][0] == 20000]
    channel = [(b"\x40\x01" + struct.pack("!H", len(text)) + text, ends, ports) for text, ends, ports in forth]
    ends, ports = (PHONE, PROXY), (20000, 20100)
    stun = b"\0\1\0\0\x21\x12\xa4\x42" + bytes(12)
    dtls = b"\x16\xfe\xff" + bytes(8) + b"\0\x10\1" + bytes(15)
    sent = [*begin, *other[0], (stun, ends, ports), (dtls, ends, ports), *channel, *other[1], *end, *other[2]]
    source, output = tmp_path / "turn.pcap", tmp_path / "one.pcapng"
    source.write_bytes(pcap(frames(sent)))
    assert export(ingest(source, tmp_path), output, "one") == 0
    ports_seen = [row[0] for row in tshark(output, "udp", "udp.srcport")]
    assert ports_seen.count("20000") == len(channel) + 2
    assert len(ports_seen) == len(begin) + len(channel) + 2 + len(end)


def over_tls(folder: Path, suffix: str = ".pcap") -> Exchange:
    """A call within TLS."""
    begin, _, end = call("sealed", 20000)
    turns = [(CLIENT if ends[0] == PHONE else SERVER, text) for text, ends, _ in [*begin, *end]]
    return exchange(folder, turns, suffix=suffix)


@pytest.fixture
def sealed(tmp_path: Path) -> Exchange:
    return over_tls(tmp_path)


def test_a_call_within_tls_is_exported_as_it_was_seen(sealed: Exchange, tmp_path: Path) -> None:
    database, output = ingest(sealed.capture, tmp_path, "--keylog", str(sealed.keylog)), tmp_path / "call.pcapng"
    assert export(database, output, "sealed") == 0
    keys = ("-o", f"tls.keylog_file:{sealed.keylog}")
    there = sip_messages(sealed.capture, {"sealed"}, keys)
    assert sum(there.values()) == 5
    assert sip_messages(output, {"sealed"}, keys) == there
    assert sip_messages(output, {"sealed"}) == {}, "nobody asked for the secrets to be in it"


def test_a_key_log_opens_the_export_for_those_who_have_none(sealed: Exchange, tmp_path: Path) -> None:
    """The secrets of the call's own connection go with it; those of another in the same key log do not."""
    another = tmp_path / "another"
    another.mkdir()
    other, keylog = over_tls(another), tmp_path / "day.log"
    keylog.write_bytes(b"# a day\n" + other.keylog.read_bytes() + sealed.keylog.read_bytes())
    database, output = ingest(sealed.capture, tmp_path, "--keylog", str(keylog)), tmp_path / "call.pcapng"
    assert export(database, output, "sealed", "--keylog", str(keylog)) == 0
    assert sip_messages(output, {"sealed"}) == sip_messages(sealed.capture, {"sealed"}, ("-o", f"tls.keylog_file:{keylog}"))
    assert sum(sip_messages(output, {"sealed"}).values()) == 5
    written = output.read_bytes()
    assert all(secret in written for secret in sealed.secrets() if secret)
    assert not any(secret in written for secret in other.secrets())


def test_secrets_inside_a_capture_go_with_its_packets(tmp_path: Path) -> None:
    source, output = with_secrets(over_tls(tmp_path, ".pcapng")), tmp_path / "call.pcapng"
    assert export(ingest(source, tmp_path), output, "sealed") == 0
    assert sip_messages(output, {"sealed"}) == sip_messages(source, invited(source))
    assert sum(sip_messages(output, {"sealed"}).values()) == 5


def test_what_is_no_key_log_and_secrets_of_pseudonyms_are_refused(
    sealed: Exchange, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, output = ingest(sealed.capture, tmp_path, "--keylog", str(sealed.keylog)), tmp_path / "call.pcapng"
    nothing = tmp_path / "nothing.log"
    nothing.write_text("no secrets here\n")
    for words, said in ((["--keylog", str(nothing)], "holds no TLS secrets"), (["--keylog", str(sealed.keylog), "--redact"], "--redact")):
        capsys.readouterr()
        assert export(database, output, "sealed", *words) == 2
        assert said in " ".join(capsys.readouterr().err.split())
        assert not output.exists()
    assert main(["export", "sealed", "-o", str(output), "--keylog", str(tmp_path / "none.log"), "--db", str(database)]) == 2
