"""When the first packet of a capture was seen: what puts the files of a ring buffer in order, whatever their names say."""

from __future__ import annotations

import struct
from pathlib import Path

from siplens.capture.containers import container_of, packet_time
from siplens.capture.files import HEAD_BYTES, unpacked_head
from siplens.capture.pcap import pcap_form
from siplens.capture.snoop import HEADER


def first_packet_time(path: Path) -> float | None:
    """Seconds since 1970 of the first packet; None where the file is no capture, or none of its first packets has a time."""
    try:
        with path.open("rb") as file:
            head = unpacked_head(file.read(HEAD_BYTES), HEAD_BYTES)
    except OSError:
        return None
    kind = container_of(head)
    if kind == "pcapng":
        return packet_time(head)
    if kind == "snoop":
        return _snoop_time(head)
    return _pcap_time(head) if kind == "pcap" else None


def _pcap_time(head: bytes) -> float | None:
    form = pcap_form(head)
    if form is None or len(head) < form.begins + 8:
        return None
    seconds, units = struct.unpack_from((">" if form.swapped else "<") + "II", head, form.begins)
    return float(seconds + units / form.units)


def _snoop_time(head: bytes) -> float | None:
    if len(head) < HEADER + 24:
        return None
    seconds, microseconds = struct.unpack_from("!II", head, HEADER + 16)
    return float(seconds + microseconds / 1e6)
