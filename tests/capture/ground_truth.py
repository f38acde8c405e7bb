"""Wireshark's measurements of the real captures, as rows to compare with, and the captures where they differ on purpose."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

FlowKey = tuple[str, int, str, int, int]


class Stream(NamedTuple):
    """One line of `tshark -z rtp,streams`. Times in milliseconds; jitter is None where tshark had no value."""

    packets: int
    lost: int
    max_delta: float
    jitter: tuple[float, float, float] | None
    """Lowest, mean, highest."""


@dataclass(frozen=True)
class Truth:
    """What tshark 4.0.17 says of one capture."""

    path: str
    kind: str
    packets: int | None
    messages: int
    requests: Counter[str]
    responses: Counter[int]
    call_ids: int
    streams: dict[FlowKey, Stream]
    """Those that SDP announced."""


def _stream(line: str) -> tuple[FlowKey, Stream]:
    before, after = line.split("%)", 1)
    words = before.rsplit("(", 1)[0].split()
    numbers = [float(word) for word in after.split() if word != "X"]
    jitter = None if numbers[3] < 0 else (numbers[3], numbers[4], numbers[5])
    key = (words[2], int(words[3]), words[4], int(words[5]), int(words[6], 16))
    return key, Stream(int(words[-2]), int(words[-1]), numbers[2], jitter)


def _truth(entry: dict[str, Any]) -> Truth:
    return Truth(
        path=entry["dst"],
        kind=entry["type"],
        packets=int(entry["pkts"]) if entry["pkts"] else None,
        messages=entry["sip"],
        requests=Counter(entry["req"]),
        responses=Counter({int(status): count for status, count in entry["resp"].items()}),
        call_ids=entry["callids"],
        streams=dict(_stream(line) for line in entry["rtp"]),
    )


def truths(shared_data: Path) -> list[Truth]:
    """All captures, in the order of the file."""
    with (shared_data / "ground_truth.jsonl").open(encoding="utf-8") as file:
        return [_truth(json.loads(line)) for line in file]


MALFORMED = "the truth is from `-z sip,stat`, which leaves out messages that tshark calls malformed; siplens keeps and marks them"
STUN_FIRST = "after a STUN check on the same ports tshark takes one way's RTP for plain UDP"

SIP_DIFFERS: dict[str, str] = {
    "pcap/sip/ndpi_fuzz-2006-06-26-2594.pcap": f"{MALFORMED} (`-Y sip` shows the same 52 frames)",
    "pcap/sip/pcpp_sip_reqs.pcap": f"{MALFORMED} (frame 4, a BYE)",
    "pcap/sip/snort3demo_user_defined_method.pcap": "the start line says INVITE1, which `-z sip,stat` does not know; CSeq says INVITE",
}
"""Captures whose SIP messages differ from the truth, and why."""

FLOWS_DIFFER: dict[str, str] = {
    "pcap/sip/goffinet_sip-flow-private-3.pcapng": f"{STUN_FIRST} (frame 18): it counts 4 of 361 packets",
    "pcap/sip/michalcab_sip.pcap": f"{STUN_FIRST} (frame 16): it counts none of 76 packets",
}
"""Captures whose announced flows differ from the truth, and why."""
