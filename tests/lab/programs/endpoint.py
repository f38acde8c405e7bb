"""A SIP endpoint on UDP and TCP: sends, receives, repeats what got no answer on UDP, and answers repeats.

Every message is written, as one line of JSON, to `log`: time, way, addresses, transport, text.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

from sip_text import Message, parse, split_stream

T1_S = 0.5


@dataclass(frozen=True)
class Hop:
    """One way to a neighbour: the transport, the local address, the remote one."""

    transport: str
    local: tuple[str, int]
    remote: tuple[str, int]


Receiver = Callable[[Message, Hop], None]


class Endpoint:
    """All sockets of one program."""

    def __init__(self, ip: str, receive: Receiver, log: TextIO | None = None) -> None:
        self.ip = ip
        self._receive = receive
        self._log = log
        self._udp: dict[int, asyncio.DatagramTransport] = {}
        self._tcp: dict[tuple[str, int], asyncio.StreamWriter] = {}
        self._opening: dict[tuple[str, int], list[tuple[Hop, bytes]]] = {}
        self._answers: dict[tuple[str, int, str], tuple[Hop, bytes] | None] = {}
        self._repeats: dict[object, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, transport: str, port: int) -> None:
        """Takes messages on this port."""
        if transport == "udp":
            loop = asyncio.get_running_loop()
            self._udp[port], _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self, port), local_addr=(self.ip, port))
        else:
            await asyncio.start_server(self._serve, self.ip, port)

    def hop(self, transport: str, remote: tuple[str, int], local_port: int) -> Hop:
        """The way to a neighbour that is called for the first time."""
        return Hop(transport, (self.ip, local_port), remote)

    def send(self, message: Message, hop: Hop, *, until: object = None) -> None:
        """Sends a message; `until`, on UDP, names what must be stopped with `settle`, else it is sent again and again."""
        data = bytes(message)
        if not message.is_request:
            self._answers[message.branch, message.cseq, message.method] = (hop, data)
        self._send(data, hop)
        if message.is_request and message.method != "ACK":
            until = (message.branch, message.method)
        if until is not None and hop.transport == "udp":
            self._repeat(data, hop, until, T1_S)

    def settle(self, until: object) -> None:
        """Stops repeating."""
        if handle := self._repeats.pop(until, None):
            handle.cancel()

    def _repeat(self, data: bytes, hop: Hop, until: object, delay_s: float) -> None:
        def again() -> None:
            self._send(data, hop)
            if delay_s < 16:
                self._repeat(data, hop, until, 2 * delay_s)

        self._repeats[until] = asyncio.get_running_loop().call_later(delay_s, again)

    def _send(self, data: bytes, hop: Hop) -> None:
        if hop.transport == "udp":
            self._note("out", hop, data)
            self._udp[hop.local[1]].sendto(data, hop.remote)
        elif writer := self._tcp.get(hop.remote):
            self._note("out", Hop("tcp", writer.get_extra_info("sockname"), hop.remote), data)
            writer.write(data)
        elif hop.remote in self._opening:
            self._opening[hop.remote].append((hop, data))
        else:
            self._opening[hop.remote] = [(hop, data)]
            self._start(self._connect(hop.remote))

    async def _connect(self, remote: tuple[str, int]) -> None:
        reader, writer = await asyncio.open_connection(*remote, local_addr=(self.ip, 0))
        self._tcp[remote] = writer
        for hop, data in self._opening.pop(remote):
            self._send(data, hop)
        await self._read(reader, Hop("tcp", writer.get_extra_info("sockname"), remote))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        remote = writer.get_extra_info("peername")
        self._tcp[remote] = writer
        await self._read(reader, Hop("tcp", writer.get_extra_info("sockname"), remote))

    async def _read(self, reader: asyncio.StreamReader, hop: Hop) -> None:
        buffer = bytearray()
        while data := await reader.read(65536):
            buffer += data
            for message in split_stream(buffer):
                self.receive(message, hop)
        self._tcp.pop(hop.remote, None)

    def receive(self, data: bytes, hop: Hop) -> None:
        """One message from a socket."""
        self._note("in", hop, data)
        message = parse(data)
        if message.is_request and message.method != "ACK":
            key = (message.branch, message.cseq, message.method)
            if key in self._answers:
                if known := self._answers[key]:
                    self._send(known[1], known[0])
                return
            self._answers[key] = None
        elif not message.is_request:
            self.settle((message.branch, message.method))
        self._receive(message, hop)

    def _note(self, way: str, hop: Hop, data: bytes) -> None:
        if self._log:
            row: dict[str, Any] = {
                "ts": time.time(), "way": way, "transport": hop.transport,
                "local": hop.local, "remote": hop.remote, "text": data.decode(errors="replace"),
            }  # fmt: skip
            self._log.write(json.dumps(row) + "\n")

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, endpoint: Endpoint, port: int) -> None:
        self._endpoint, self._port = endpoint, port

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data.strip(b"\r\n\0"):
            self._endpoint.receive(data, Hop("udp", (self._endpoint.ip, self._port), addr))
