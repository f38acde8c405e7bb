"""RTP of mediated calls: two ports per call, and what comes in at one goes out at the other."""

from __future__ import annotations

import asyncio

from sip_text import Audio


class MediaRelay:
    """The ports of one call: `ports["client"]` is where the client sends to, `ports["peer"]` where the peer does."""

    def __init__(self, ip: str, ports: dict[str, int]) -> None:
        self.ip = ip
        self.ports = ports
        self.remote: dict[str, Audio] = {}
        self._sockets: dict[str, asyncio.DatagramTransport] = {}

    async def open(self) -> None:
        """Binds both ports."""
        loop = asyncio.get_running_loop()
        for side, port in self.ports.items():
            self._sockets[side], _ = await loop.create_datagram_endpoint(lambda side=side: _Side(self, side), local_addr=(self.ip, port))

    def audio(self, side: str, direction: str = "sendrecv") -> Audio:
        """What to tell this side."""
        return Audio(self.ip, self.ports[side], direction)

    def forward(self, came_from: str, data: bytes) -> None:
        """Passes one packet on."""
        side = "peer" if came_from == "client" else "client"
        if remote := self.remote.get(side):
            self._sockets[side].sendto(data, (remote.ip, remote.port))

    def close(self) -> None:
        """Gives the ports back."""
        for socket in self._sockets.values():
            socket.close()


class _Side(asyncio.DatagramProtocol):
    def __init__(self, relay: MediaRelay, side: str) -> None:
        self._relay, self._side = relay, side

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._relay.forward(self._side, data)
