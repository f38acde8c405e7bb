"""Writes a large capture, the same bytes every time: calls through a Mediation Server, both legs, RTP both ways.

    python benchmarks/generate_capture.py out.pcap                          1,000 calls, about 1 GB
    python benchmarks/generate_capture.py --megabytes 5000 out.pcap         the same calls, longer
    python benchmarks/generate_capture.py --sip-messages 280000 out.pcap    signalling only: 14 messages a Call-ID, two Call-IDs a call

Packets are lost (0.3 %), late (1 ms on average) and sent twice (0.05 %). Addresses are of private networks, all names made up.
"""

from __future__ import annotations

import argparse
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

START_US = 1_767_600_000_000_000
RTP_PAYLOAD = 160
RECORD = 16 + 14 + 20 + 8 + 12 + RTP_PAYLOAD
FLOWS_PER_CALL = 4
PACKET_US = 20_000
MEDIATION = "10.1.0.10"
FILE_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)


@dataclass(frozen=True)
class Leg:
    """One side of a call: two addresses, their media ports, and the names in its messages."""

    call: int
    side: str
    caller_ip: str
    callee_ip: str
    caller_port: int
    callee_port: int

    @property
    def call_id(self) -> str:
        return f"{self.call:08x}{'c' if self.side == 'client' else 'p'}benchmark@{self.caller_ip}"


def address(text: str) -> bytes:
    return bytes(int(part) for part in text.split("."))


def headers(source: str, target: str, source_port: int, target_port: int, payload: int) -> bytes:
    """Ethernet, IPv4 with its checksum, UDP without one."""
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + payload, 0, 0x4000, 64, 17, 0, address(source), address(target))
    total = sum(struct.unpack("!10H", ip))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    ip = ip[:10] + struct.pack("!H", total ^ 0xFFFF) + ip[12:]
    ethernet = b"\x02\0" + address(target) + b"\x02\0" + address(source) + b"\x08\0"
    return ethernet + ip + struct.pack("!HHHH", source_port, target_port, 8 + payload, 0)


def legs(call: int) -> tuple[Leg, Leg]:
    """Client to Mediation Server, and Mediation Server to gateway."""
    client = f"10.3.{call // 200 % 250}.{call % 200 + 10}"
    gateway = f"10.2.0.{20 + call % 4}"
    port = 20_000 + call * 8 % 40_000
    return Leg(call, "client", client, MEDIATION, port, port + 2), Leg(call, "peer", MEDIATION, gateway, port + 4, port + 6)


def sdp(ip: str, port: int, direction: str = "sendrecv") -> str:
    return (
        f"v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=session\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 0 101\r\n"
        "a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
        f"a={direction}\r\n"
    )


def dialogue(leg: Leg, held: bool) -> Iterator[tuple[int, bool, bytes]]:
    """The messages of an answered call, seven, or fourteen if it is held and taken up again: (microseconds, sent by the caller, text).

    The last two, BYE and its answer, come so much after the talk.
    """
    number, ours, theirs = leg.call, f"{leg.call:x}a{leg.side[0]}", f"{leg.call:x}b{leg.side[0]}"
    agent = "RTCC/6.0.0.0 MediationServer" if leg.side == "peer" else "UCCAPI/16.0.1 OC/16.0.1"

    def message(start: str, cseq: str, branch: str, to_tag: str, body: str = "") -> bytes:
        typed = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{start}\r\nVia: SIP/2.0/UDP {leg.caller_ip}:5060;branch=z9hG4bK{branch}{ours}\r\nMax-Forwards: 70\r\n"
            f"From: <sip:+4930{number:07d}@{leg.caller_ip}>;tag={ours}\r\nTo: <sip:+4940{number:07d}@{leg.callee_ip}>{to_tag}\r\n"
            f"Call-ID: {leg.call_id}\r\nCSeq: {cseq}\r\nContact: <sip:{leg.caller_ip}:5060>\r\nUser-Agent: {agent}\r\n{typed}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    uri, tag = f"sip:+4940{number:07d}@{leg.callee_ip} SIP/2.0", f";tag={theirs}"
    yield 0, True, message(f"INVITE {uri}", "1 INVITE", "i", "", sdp(leg.caller_ip, leg.caller_port))
    yield 2_000, False, message("SIP/2.0 100 Trying", "1 INVITE", "i", "")
    yield 50_000, False, message("SIP/2.0 180 Ringing", "1 INVITE", "i", tag)
    yield 1_000_000, False, message("SIP/2.0 200 OK", "1 INVITE", "i", tag, sdp(leg.callee_ip, leg.callee_port))
    yield 1_004_000, True, message(f"ACK {uri}", "1 ACK", "a", tag)
    if held:
        for cseq, begin, direction, answer in ((2, 5_000_000, "sendonly", "recvonly"), (3, 15_000_000, "sendrecv", "sendrecv")):
            branch = f"h{cseq}"
            offer = sdp(leg.caller_ip, leg.caller_port, direction)
            yield begin, True, message(f"INVITE {uri}", f"{cseq} INVITE", branch, tag, offer)
            if cseq == 2:
                yield begin + 2_000, False, message("SIP/2.0 100 Trying", f"{cseq} INVITE", branch, tag)
            reply = sdp(leg.callee_ip, leg.callee_port, answer)
            yield begin + 20_000, False, message("SIP/2.0 200 OK", f"{cseq} INVITE", branch, tag, reply)
            yield begin + 24_000, True, message(f"ACK {uri}", f"{cseq} ACK", f"k{cseq}", tag)
    yield 1_040_000, True, message(f"BYE {uri}", "9 BYE", "b", tag)
    yield 1_050_000, False, message("SIP/2.0 200 OK", "9 BYE", "b", tag)


def record(time_us: int, leg: Leg, from_caller: bool, text: bytes) -> bytes:
    source, target = (leg.caller_ip, leg.callee_ip) if from_caller else (leg.callee_ip, leg.caller_ip)
    frame = headers(source, target, 5060, 5060, len(text)) + text
    return struct.pack("<IIII", time_us // 1_000_000, time_us % 1_000_000, len(frame), len(frame)) + frame


def signalling(calls: int, begins: NDArray[np.int64], talk_us: int, held: bool = False) -> list[tuple[int, bytes]]:
    """(time, record) of all messages in order of time. Ringing lasts one second; the legs are 15 ms apart."""
    found = []
    for call in range(calls):
        for late, leg in zip((0, 15_000), legs(call), strict=True):
            messages = list(dialogue(leg, held))
            for place, (time, from_caller, text) in enumerate(messages):
                when = int(begins[call]) + late + time + (talk_us if place >= len(messages) - 2 else 0)
                found.append((when, record(when, leg, from_caller, text)))
    found.sort(key=lambda item: item[0])
    return found


def flow_records(calls: int) -> NDArray[np.uint8]:
    """One record per flow with everything but time, sequence number and RTP time filled in."""
    rows = []
    for call in range(calls):
        for number, leg in enumerate(legs(call)):
            for way in range(2):
                ends = [(leg.caller_ip, leg.caller_port), (leg.callee_ip, leg.callee_port)]
                (source, source_port), (target, target_port) = ends if way == 0 else reversed(ends)
                rtp = struct.pack("!BBHII", 0x80, 8, 0, 0, 0x10000000 + call * 16 + number * 2 + way) + b"\xd5" * RTP_PAYLOAD
                frame = headers(source, target, source_port, target_port, len(rtp)) + rtp
                rows.append(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)
    return np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(-1, RECORD)


def big_endian(values: NDArray[np.int64], kind: str) -> NDArray[np.uint8]:
    return values.astype(kind).view(np.uint8).reshape(len(values), np.dtype(kind).itemsize)


def media(templates: NDArray[np.uint8], flow: NDArray[np.int64], time: NDArray[np.int64], index: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Records of RTP packets: flow, arrival in microseconds, number within the flow."""
    block = templates[flow]
    stamps = np.stack([time // 1_000_000, time % 1_000_000], axis=1).astype("<u4")
    block[:, 0:8] = stamps.view(np.uint8).reshape(-1, 8)
    at = 16 + 14 + 20 + 8
    block[:, at + 1] |= (index == 0).astype(np.uint8) << 7
    block[:, at + 2 : at + 4] = big_endian((index + flow * 977) & 0xFFFF, ">u2")
    block[:, at + 4 : at + 8] = big_endian((index * RTP_PAYLOAD + flow * 100_003) & 0xFFFFFFFF, ">u4")
    return block


def write_calls(file: BinaryIO, calls: int, size: int) -> None:
    """Signalling and media, in order of time; media is made second by second."""
    random = np.random.default_rng(20260105)
    per_flow = max(1, size // (calls * FLOWS_PER_CALL * RECORD))
    talk_us = per_flow * PACKET_US
    begins = START_US + np.sort(random.integers(0, max(talk_us, 60_000_000), calls))
    messages = signalling(calls, begins, talk_us)
    templates = flow_records(calls)
    flow_begins = np.repeat(begins, FLOWS_PER_CALL) + 1_020_000 + random.integers(0, PACKET_US, calls * FLOWS_PER_CALL)
    said = 0
    end = messages[-1][0] + 2_000_000
    for second in range(START_US, end, 1_000_000):
        first = np.maximum(0, -(-(second - flow_begins) // PACKET_US))
        last = np.minimum(per_flow, -(-(second + 1_000_000 - flow_begins) // PACKET_US))
        counts = np.maximum(0, last - first)
        flow = np.repeat(np.arange(len(counts)), counts)
        index = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
        chance = random.random(len(flow))
        kept = np.repeat(np.arange(len(flow)), np.where(chance < 0.003, 0, np.where(chance > 0.9995, 2, 1)))
        time = flow_begins[flow] + index * PACKET_US + random.exponential(1_000, len(flow)).clip(0, 15_000).astype(np.int64)
        flow, index, time = flow[kept], index[kept], np.minimum(time[kept], second + 999_999)
        order = np.argsort(time, kind="stable")
        block, time = media(templates, flow[order], time[order], index[order]), time[order]
        begin = 0
        while said < len(messages) and messages[said][0] < second + 1_000_000:
            place = int(np.searchsorted(time, messages[said][0]))
            file.write(block[begin:place].tobytes())
            file.write(messages[said][1])
            begin, said = place, said + 1
        file.write(block[begin:].tobytes())


def write_signalling(file: BinaryIO, messages: int) -> None:
    """So many SIP messages of answered calls, 28 a call, a call every 10 ms: 280,000 are 20,000 Call-IDs, as many as sngrep takes."""
    calls = -(-messages // 28)
    begins = START_US + np.arange(calls) * 10_000
    for _, frame in signalling(calls, begins, 30_000_000, held=True)[:messages]:
        file.write(frame)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1000, help="calls in the RTP capture (default 1000)")
    parser.add_argument("--megabytes", type=int, default=1000, help="size of the RTP capture (default 1000)")
    parser.add_argument("--sip-messages", type=int, metavar="N", help="write N SIP messages and no media")
    parser.add_argument("path", type=Path)
    options = parser.parse_args()
    with options.path.open("wb", buffering=1 << 22) as file:
        file.write(FILE_HEADER)
        if options.sip_messages:
            write_signalling(file, options.sip_messages)
        else:
            write_calls(file, options.calls, options.megabytes * 1_000_000)
    print(f"{options.path}: {options.path.stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
