"""A synthetic Mediation Server, or SBC, for the lab: `python mediation_server.py PLAN.json`, until it is told to end.

It is nobody's product. What it sends follows DOMAIN facts where they are public, and says RTCC in its Server header only
so that siplens sees what it would see of the real one.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

from b2bua import Call
from call_plan import CallPlan, Server
from dialogs import response
from endpoint import Endpoint, Hop
from sip_text import Message, user_of


async def serve(settings: dict[str, Any]) -> None:
    """Listens until SIGTERM."""
    loop, tasks = asyncio.get_running_loop(), set()
    plans = {number: CallPlan(**plan) for number, plan in settings["calls"].items()}

    def receive(message: Message, hop: Hop) -> None:
        call = server.calls.get(message.call_id)
        if not message.is_request:
            if call:
                call.on_response(message)
        elif call:
            call.on_request(message, hop)
        elif message.method == "INVITE":
            plan = plans.get(user_of(message.get("from"))) or plans.get(user_of(message.uri))
            if plan is None:
                endpoint.send(response(message, 404, "Not Found", "none"), hop)
                return
            call = Call(server, plan, message, hop)
            server.calls[message.call_id] = call
            task = loop.create_task(call.start())
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        elif message.method != "ACK":
            status, phrase = (200, "OK") if message.method == "OPTIONS" else (481, "Call/Transaction Does Not Exist")
            endpoint.send(response(message, status, phrase, "none"), hop)

    with Path(settings["log"]).open("w", encoding="utf-8") as log:
        endpoint = Endpoint(settings["ip"], receive, log)
        server = Server(endpoint, settings["agent"], settings["domain"], settings["ports"], plans)
        for transport, port in settings["listen"]:
            await endpoint.listen(transport, port)
        ended = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, ended.set)
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
