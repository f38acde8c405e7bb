"""The capture: a timeline of frames, filled by SIP, media, STUN and ICMP; written as pcap or pcapng."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from trace_writer import files, packets, rtp
from trace_writer.hosts import Endpoint, Host
from trace_writer.tcp import Connection

SYNTHETIC = "Synthetic capture, written by a siplens sample recipe. No real network, person or number."


@dataclass
class Counts:
    """What a capture holds, as the recipe meant it. SIP counts messages, not packets; encrypted ones do not count."""

    frames: int = 0
    sip: int = 0
    rtp: int = 0
    rtcp: int = 0
    stun: int = 0
    icmp: int = 0


@dataclass
class Media:
    """What one RTP stream sent: RTCP of the same stream reports it."""

    ssrc: int
    packets: int = 0
    octets: int = 0
    lost: int = 0
    highest_seq: int = 0
    rtp_timestamp: int = 0


@dataclass
class Capture:
    """What one capture file holds. Every `at` is in seconds after `start`, which is UTC: "2026-03-02 09:00:00".

    interfaces: name of an interface → hosts whose traffic it mirrors. A packet is kept on the first interface that
    mirrors its sender or receiver (on each of them with `copies`), and is not seen where none does. Left out: one that
    sees all.
    vlan: 802.1Q tag of every frame.
    """

    start: str
    interfaces: Mapping[str, Sequence[Host]] | None = None
    vlan: int | None = None
    copies: bool = False
    comment: str = SYNTHETIC
    counts: Counts = field(default_factory=Counts)
    _frames: list[files.Frame] = field(default_factory=list)
    _connections: dict[frozenset[tuple[str, int]], Connection] = field(default_factory=dict)
    _ident: int = 0

    def unix_ns(self, at: float) -> int:
        """Unix time in nanoseconds of `at` seconds after the start."""
        begin = datetime.fromisoformat(self.start).replace(tzinfo=UTC)
        return int(begin.timestamp()) * 1_000_000_000 + round(at * 1_000_000_000)

    def sip(
        self, at: float, src: Host, src_port: int, dst: Host, dst_port: int, transport: str, *messages: bytes,
        segment_bytes: int = 1460,
    ) -> None:  # fmt: skip
        """Send SIP messages: each its own datagram over udp; together as one write, cut into segments, over tcp.

        transport: udp, tcp, or tls (then one opaque TLS record). A TCP connection is opened by its first use. A message
        of CRLFs alone is a keep-alive and does not count.
        """
        if transport == "udp":
            for message in messages:
                self.counts.sip += self.udp(at, (src, src_port), (dst, dst_port), message)
            return
        stream = self.connect(at - 0.001, (src, src_port), (dst, dst_port))
        data = b"".join(messages)
        if transport == "tls":
            record = rtp.scrambled(len(data) + 24, data)
            data = struct.pack("!BHH", 23, 0x0303, len(record)) + record
        seen = stream.send(at, src, data, segment_bytes)
        if seen and transport != "tls":
            self.counts.sip += sum(bool(message.strip()) for message in messages)

    def connect(self, at: float, opener: Endpoint, listener: Endpoint, established: bool = False) -> Connection:
        """The TCP connection of two endpoints, opened by a handshake unless it is there (or `established` before)."""
        key = frozenset([(opener[0].ip, opener[1]), (listener[0].ip, listener[1])])
        if key not in self._connections:
            self._connections[key] = Connection(self._put, opener, listener)
            if not established:
                self._connections[key].open(at)
        return self._connections[key]

    def udp(self, at: float, src: Endpoint, dst: Endpoint, payload: bytes) -> bool:
        """Send a datagram, in fragments if it must be. True if the capture saw it."""
        return self._put(at, src[0], dst[0], packets.UDP, packets.udp(src, dst, payload))

    def rtp(
        self, at: float, src: Endpoint, dst: Endpoint, *, seconds: float, ssrc: int, codec: str = "PCMU",
        packet_ms: int = 20, seq: int = 1, timestamp: int = 0, drop: Collection[int] = (), again: Collection[int] = (),
        late: Collection[int] = (), jitter_ms: Sequence[float] = (0.0,), keys: Mapping[int, str] | None = None,
        srtp: bool = False,
    ) -> Media:  # fmt: skip
        """Send one RTP stream. Packets are counted from 0 in `drop` (lost before the capture), `again` (sent twice),
        `late` (after its successor) and `keys` (a key press begins there and takes five packets). `jitter_ms` is the
        pattern, used round and round, that is added to the times of arrival. `srtp`: payload scrambled, with a tag.
        """
        form, step = rtp.CODECS[codec], rtp.CODECS[codec].clock_hz * packet_ms // 1000
        media, total = Media(ssrc), round(seconds * 1000 / packet_ms)
        pressed = {first + n: (first, n, key) for first, key in (keys or {}).items() for n in range(5)}
        for n in range(total):
            payload, stamp = rtp.tone(form.bytes_per_ms * packet_ms), timestamp + n * step
            kind, marker = form.payload_type, n == 0
            if n in pressed:
                first, held, key = pressed[n]
                payload = rtp.telephone_event(key, (held + 1) * step, held == 4)
                stamp, kind, marker = timestamp + first * step, rtp.TELEPHONE_EVENT, held == 0
            if srtp:
                payload = rtp.scrambled(len(payload) + 10, ssrc, n)
            media.packets, media.octets = media.packets + 1, media.octets + len(payload)
            media.highest_seq, media.rtp_timestamp = seq + n, timestamp + (n + 1) * step
            if n in drop:
                media.lost += 1
                continue
            data = rtp.rtp(kind, seq + n, stamp, ssrc, payload, marker)
            moment = at + (n * packet_ms + jitter_ms[n % len(jitter_ms)] + (packet_ms + 1 if n in late else 0)) / 1000
            for _ in range(2 if n in again else 1):
                self.counts.rtp += self.udp(moment, src, dst, data)
                moment += 0.0001
        return media

    def rtcp(
        self, at: float, src: Endpoint, dst: Endpoint, media: Media, about: Media | None = None, *, jitter: int = 8,
        bye: bool = False,
    ) -> None:  # fmt: skip
        """Send a report of `media` with a block about the other stream: SR, or RR if nothing was sent."""
        self.counts.rtcp += self.udp(
            at, src, dst,
            rtp.report(
                "SR" if media.packets else "RR", media.ssrc, about.ssrc if about else None,
                unix_s=self.unix_ns(at) / 1e9, rtp_timestamp=media.rtp_timestamp,
                packets=media.packets, octets=media.octets, highest_seq=about.highest_seq if about else 0,
                fraction_lost=about.lost / max(about.packets, 1) if about else 0.0, lost=about.lost if about else 0,
                jitter=jitter if about else 0, bye=bye, cname=f"{src[0].name}@{src[0].ip}",
            ),
        )  # fmt: skip

    def talk(
        self, at: float, one: Endpoint, other: Endpoint, *, seconds: float, ssrcs: tuple[int, int], codec: str = "PCMU",
        silent: Host | None = None, srtp: bool = False, jitter_ms: Sequence[float] = (0.0, 0.4, 0.1, 0.7, 0.2),
    ) -> None:  # fmt: skip
        """Two people talk: RTP from each end, RTCP on the next ports at the end of it (none with `srtp`).

        silent: a host that sends neither RTP nor RTCP.
        """
        ends = [(one, other, ssrcs[0]), (other, one, ssrcs[1])]
        sent = [
            Media(ssrc)
            if src[0] == silent
            else self.rtp(
                at + n * 0.007, src, dst, seconds=seconds, ssrc=ssrc, codec=codec, seq=ssrc % 30000,
                timestamp=ssrc * 7 % 1_000_000, srtp=srtp, jitter_ms=jitter_ms,
            )
            for n, (src, dst, ssrc) in enumerate(ends)
        ]  # fmt: skip
        for n, (src, dst, _) in enumerate(ends):
            if src[0] != silent and not srtp:
                about = sent[1 - n] if sent[1 - n].packets else None
                ports = (src[0], src[1] + 1), (dst[0], dst[1] + 1)
                self.rtcp(at + seconds * 0.5 + n * 0.013, *ports, sent[n], about)
                self.rtcp(at + seconds + 0.05 + n * 0.013, *ports, sent[n], about, bye=True)

    def stun(
        self, at: float, src: Endpoint, dst: Endpoint, kind: str, transaction: str, *, username: str = "",
        use_candidate: bool = False, mapped: Endpoint | None = None, error_code: int = 0,
    ) -> None:  # fmt: skip
        """Send a STUN binding message; kind: request, success, error or indication."""
        message = rtp.stun(kind, transaction, username=username, use_candidate=use_candidate, mapped=mapped, error_code=error_code)
        self.counts.stun += self.udp(at, src, dst, message)

    def icmp(self, at: float, reporter: Host, kind: int, code: int, src: Endpoint, dst: Endpoint, payload: bytes = b"") -> None:
        """`reporter` tells `src` that its datagram to `dst` was refused. IPv4: kind 3, code 3 or 13."""
        quoted = packets.ip(src[0], dst[0], packets.UDP, packets.udp(src, dst, payload), 0)[0]
        protocol = packets.ICMPV6 if len(src[0].packed) == 16 else packets.ICMP
        error = packets.icmp_error(reporter, src[0], kind, code, quoted)
        self.counts.icmp += self._put(at, reporter, src[0], protocol, error)

    def write(self, path: Path) -> None:
        """Write the frames in order of time. The path's ending chooses the format: .pcap or .pcapng."""
        frames = sorted(self._frames, key=lambda frame: frame.unix_ns)
        if path.suffix == ".pcap":
            path.write_bytes(files.pcap(frames))
        else:
            path.write_bytes(files.pcapng(frames, list(self.interfaces or {"mirror": []}), self.comment))

    def _put(self, at: float, src: Host, dst: Host, protocol: int, payload: bytes) -> bool:
        mirrored = (self.interfaces or {"all": (src,)}).values()
        mirrors = [n for n, hosts in enumerate(mirrored) if src in hosts or dst in hosts]
        self._ident += 1
        for interface in mirrors if self.copies else mirrors[:1]:
            for number, packet in enumerate(packets.ip(src, dst, protocol, payload, self._ident)):
                data = packets.ethernet(src, dst, packet, self.vlan)
                self._frames.append(files.Frame(self.unix_ns(at) + (number + interface) * 2000, interface, data))
                self.counts.frames += 1
        return bool(mirrors)
