"""RTP streams as `tshark -z rtp,streams` counts them: the second opinion that `siplens verify` holds against the kernel's."""

from __future__ import annotations

import ipaddress
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from siplens.capture.wireshark import find_tshark


class StreamKey(NamedTuple):
    """What makes a stream one: who sent it to whom, and its synchronisation source."""

    src_ip: str
    src_port: int
    dst_ip: str
    dst_port: int
    ssrc: int


class StreamFigures(NamedTuple):
    """Figures of one RTP stream."""

    first_s: float
    """Seconds from the capture's first packet to the stream's first."""
    last_s: float
    """The same of its last packet."""
    packets: int
    lost: int
    max_delta_ms: float
    jitter_mean_ms: float
    jitter_max_ms: float


_NUMBER = r" +(-?[\d.]+)"
_STREAM = re.compile(
    r" *(-?[\d.]+) +(-?[\d.]+) +([\da-fA-F.:]+) +(\d+) +([\da-fA-F.:]+) +(\d+) +0x([\dA-Fa-f]{8}) .*? (\d+) +(-?\d+) \(\S+\)"
    + rf" +\S+ +\S+{_NUMBER} +\S+{_NUMBER}{_NUMBER}"
)
"""One line of the table. The payload's name may hold blanks; the figures after it are found by the loss in brackets."""


def rtp_streams(path: Path) -> dict[StreamKey, StreamFigures]:
    """All RTP streams that tshark ties to signalling. Raises UnreadableFileError where tshark is missing."""
    command = [find_tshark(), "-n", "-q", "-z", "rtp,streams", "-r", str(path.resolve())]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return dict(parse_streams(done.stdout))


def parse_streams(table: str) -> Iterator[tuple[StreamKey, StreamFigures]]:
    """Streams out of tshark's table, line by line."""
    for found in filter(None, map(_STREAM.match, table.splitlines())):
        first, last, src_ip, src_port, dst_ip, dst_port, ssrc, packets, lost, *times = found.groups()
        key = StreamKey(_canonical(src_ip), int(src_port), _canonical(dst_ip), int(dst_port), int(ssrc, 16))
        yield key, StreamFigures(float(first), float(last), int(packets), int(lost), *map(float, times))


def _canonical(address: str) -> str:
    return str(ipaddress.ip_address(address))
