"""A peer that ignores later forks: only the first early dialog with SDP ever gets its media.

`python stubborn_peer.py SETTINGS.json` calls the Mediation Server once per entry of "calls": `stays` peers go on sending to
the first early dialog's address even when another endpoint has answered; the others send to whom the 200 names.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

from dialogs import Dialog, new_token, response
from endpoint import Endpoint, Hop
from sip_text import Audio, Message, audio_of, g711

PACKET_S = 0.02
AGENT = [("User-Agent", "Example-Gateway/4.0")]


class Sender(asyncio.DatagramProtocol):
    """RTP from one port, G.711, a packet every 20 ms, to wherever `to` says."""

    def __init__(self) -> None:
        self.to: Audio | None = None
        self._ssrc, self._seq = random.getrandbits(32), random.getrandbits(15)

    async def run(self, ip: str, port: int) -> None:
        """Sends until it is cancelled."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(ip, port))
        try:
            start, n = loop.time(), 0
            while True:
                n += 1
                if self.to:
                    head = bytes([0x80, 0]) + (self._seq + n & 0xFFFF).to_bytes(2, "big") + (160 * n).to_bytes(4, "big")
                    transport.sendto(head + self._ssrc.to_bytes(4, "big") + bytes([0xD5]) * 160, (self.to.ip, self.to.port))
                await asyncio.sleep(max(0.0, start + n * PACKET_S - loop.time()))
        finally:
            transport.close()


async def call(endpoint: Endpoint, settings: dict[str, Any], entry: dict[str, Any], inbox: asyncio.Queue[tuple[Message, Hop]]) -> None:
    """One call, from INVITE to BYE."""
    await asyncio.sleep(entry["after_s"])
    hop = endpoint.hop("udp", tuple(settings["server"]), settings["port"])
    caller, callee = f"<sip:{entry['number']}@gw.contoso.example;user=phone>", f"<sip:{entry['called']}@med01.contoso.example;user=phone>"
    target = f"sip:{entry['called']}@{hop.remote[0]}:{hop.remote[1]}"
    dialog = Dialog("peer", hop, entry["call_id"], caller, new_token("sp"), callee, "", target, 0, AGENT)
    audio = Audio(settings["media_ip"], entry["media_port"])
    sender = Sender()
    stream = asyncio.get_running_loop().create_task(sender.run(audio.ip, audio.port))
    contact = ("Contact", f"<sip:{endpoint.ip}:{settings['port']}>")
    invite = dialog.request("INVITE", contact, ("Supported", "timer, replaces"), body=g711(audio, endpoint.ip))
    endpoint.send(invite, hop)
    while True:
        message, _ = await asyncio.wait_for(inbox.get(), 10)
        told = audio_of(message.body)
        if message.status == 183 and sender.to is None:
            sender.to = told
        if message.status >= 200 and message.method == "INVITE":
            break
    if not entry["stays"]:
        sender.to = told
    dialog.remote_tag = message.tag("to")
    endpoint.send(dialog.request("ACK", cseq=1), hop)
    await asyncio.sleep(settings["talk_s"])
    endpoint.send(dialog.request("BYE"), hop)
    stream.cancel()
    while message.method != "BYE":
        message, _ = await asyncio.wait_for(inbox.get(), 10)


async def main(settings: dict[str, Any]) -> None:
    """All calls of the settings."""
    inboxes: dict[str, asyncio.Queue[tuple[Message, Hop]]] = {entry["call_id"]: asyncio.Queue() for entry in settings["calls"]}

    def receive(message: Message, hop: Hop) -> None:
        if message.is_request:
            endpoint.send(response(message, 200, "OK", "none"), hop)
        elif message.call_id in inboxes:
            inboxes[message.call_id].put_nowait((message, hop))

    endpoint = Endpoint(settings["ip"], receive)
    await endpoint.listen("udp", settings["port"])
    await asyncio.gather(*(call(endpoint, settings, entry, inboxes[entry["call_id"]]) for entry in settings["calls"]))


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
