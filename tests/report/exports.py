"""What tshark counts in a capture: SIP messages by call, RTP packets by stream."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

from siplens.cli.app import main

Stream = tuple[str, str, str, str, str]
"""Addresses and ports of source and destination, and the SSRC, as tshark writes them."""


def tshark(capture: Path, shown: str, *fields: str, options: tuple[str, ...] = ()) -> list[list[str]]:
    """Fields of the frames that pass a display filter."""
    named = [word for field in fields for word in ("-e", field)]
    command = ["tshark", "-n", *options, "-r", str(capture), "-Y", shown, "-T", "fields", "-E", "separator=|", *named]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
    return [line.split("|") for line in lines]


def sip_messages(capture: Path, call_ids: set[str], options: tuple[str, ...] = ()) -> Counter[tuple[str, str]]:
    """SIP messages of these calls: Call-ID and CSeq, how often."""
    found: Counter[tuple[str, str]] = Counter()
    for ids, cseqs in tshark(capture, "sip", "sip.Call-ID", "sip.CSeq", options=options):
        for call_id, cseq in zip(ids.split(","), cseqs.split(","), strict=False):
            if call_id in call_ids:
                found[call_id, cseq] += 1
    return found


def invited(capture: Path) -> set[str]:
    """Call-IDs of all INVITEs that tshark sees."""
    return {each for row in tshark(capture, 'sip.CSeq.method == "INVITE"', "sip.Call-ID") for each in row[0].split(",")}


def rtp_packets(capture: Path) -> Counter[Stream]:
    """RTP packets of each stream."""
    rows = tshark(capture, "rtp", "ip.src", "udp.srcport", "ip.dst", "udp.dstport", "rtp.ssrc")
    return Counter((src, src_port, dst, dst_port, ssrc) for src, src_port, dst, dst_port, ssrc in rows)


def ingest(capture: Path, folder: Path, *words: str) -> Path:
    """A database of its own for a capture."""
    database = folder / "calls.duckdb"
    assert main(["ingest", str(capture), *words, "--db", str(database)]) == 0
    return database


def export(database: Path, output: Path, *words: str) -> int:
    """`siplens export`: its exit status."""
    return main(["export", *words, "-o", str(output), "--db", str(database)])
