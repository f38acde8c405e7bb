"""What the lab writes beside its captures: calls.csv, config.yaml, and the server's trace of the client leg."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

from kinds import DROPPED, REJECTED
from network import MEDIATION
from plan import LabCall, configuration
from trace_writer import Host, ServerLog

COLUMNS = (
    "number", "kind", "inviting", "gateway", "caller_told", "callee_told", "endpoints_told", "server_told", "router_told",
)  # fmt: skip
SYNTHETIC = "This log is synthetic: the siplens lab wrote it, of what its own programs really sent. No real server, person or number."


def write_papers(folder: Path, calls: list[LabCall], messages: Path) -> None:
    """Writes them; `messages` is what the Mediation Server noted, a line of JSON per message."""
    (folder / "config.yaml").write_text(configuration(), encoding="utf-8")
    with (folder / "calls.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerows(_told(call) for call in calls)
    _write_server_log(messages, folder / "mediation.log")


def _told(call: LabCall) -> list[str]:
    """What everyone was told to do with one call."""
    kind = call.kind
    server = ", ".join(["bypass" if kind.direct else "own address", *["reliable"] * kind.reliable, *["UPDATE"] * kind.update])
    router = {DROPPED: "drop", REJECTED: "reject with ICMP"}.get(kind.gateway, "pass")
    endpoints = " ".join(kind.endpoints)
    return [call.number, kind.name, kind.inviting, kind.gateway.name, kind.caller, kind.callee, endpoints, server, router]


def _write_server_log(messages: Path, path: Path) -> None:
    rows = [json.loads(line) for line in messages.read_text(encoding="utf-8").splitlines()]
    start = int(rows[0]["ts"])
    server = Host("mediation", MEDIATION)
    log = ServerLog(datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%d %H:%M:%S"), server, "POOL01\\MED01", note=SYNTHETIC)
    for row in rows:
        if not row["remote"][0].startswith(("10.3.", "10.4.")):
            continue
        ends = (server, row["local"][1]), (Host("client", row["remote"][0]), row["remote"][1])
        (src, src_port), (dst, dst_port) = ends if row["way"] == "out" else reversed(ends)
        log.sip(row["ts"] - start, src, src_port, dst, dst_port, row["transport"], row["text"].encode())
    log.write(path)
