"""Retransmissions and forks in real captures, against what tshark counts."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from siplens.pipeline.derive import derive
from siplens.pipeline.ingest import ingest_paths
from siplens.store import memory_store

# tshark remembers one CSeq for each Call-ID and hop, whatever the branch and tags, and takes no CANCEL sent again for a retransmission.
OTHERWISE = {
    "pcap/sip/bruteshark_only_sip_sdp_rtp.pcap": "10 CANCELs sent again",
    "pcap/sip/ndpi_sip.pcap": "10 CANCELs sent again",
    "pcap/sip/sngrep_aaa.pcap": "10 CANCELs sent again",
    "pcap/sip/zeek_wireshark.pcap": "10 CANCELs sent again",
    "pcap/sip/goffinet_sip-2phones-B2BUA-Asterisk.pcapng": "a 100 sent again; what looks forked is the callee's re-INVITE",
    "pcap/sip/gprshome_sip.pcap": "a 180 sent again",
    "pcap/sip/goffinet_voip-extension2downata.pcap": "CANCELs sent again; INVITEs to other targets under one CSeq are none",
    "pcap/sip/ipfixprobe_sip.pcap": "13 REGISTERs of a password guesser, with branches and tags of their own",
}


def test_retransmissions_and_forks(shared_data: Path) -> None:
    truth = [json.loads(line) for line in (shared_data / "ground_truth.jsonl").read_text().splitlines()]
    wanted = {row["dst"]: (row["resent"], row["forked"]) for row in truth if row["resent"] or row["forked"]}
    found = {}
    for name in wanted:
        with memory_store() as store:
            assert [file.error for file in ingest_paths(store, [str(shared_data / name)])] == [None]
            derive(store)
            resent = store.value("select count(*) from message where is_retransmission")
            forked = store.value("select count(*) from (select call_id from dialog group by call_id having count(*) > 1)")
            found[name] = (resent, forked)
    assert {name: found[name] for name in wanted if name not in OTHERWISE} == {
        name: counts for name, counts in wanted.items() if name not in OTHERWISE
    }


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize("name", OTHERWISE)
def test_where_tshark_counts_otherwise_the_bytes_decide(name: str, shared_data: Path) -> None:
    """What is sent again is the same datagram on the same hop, byte for byte (RFC 3261 17.1.1.2, 17.2.1): that is what siplens counts.

    tshark misses some of those, or marks datagrams that nobody had sent before.
    """
    columns = ("ip.src", "udp.srcport", "ip.dst", "udp.dstport", "udp.payload", "frame.number", "sip.resend")
    wanted = [word for column in columns for word in ("-e", column)]
    command = ["tshark", "-r", str(shared_data / name), "-Y", "(sip.Request-Line or sip.Status-Line) and not icmp", "-T", "fields", *wanted]
    lines = [line.split("\t") for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()]
    seen: set[tuple[str, ...]] = set()
    again, marked = set(), set()
    for *datagram, frame, resent in lines:
        if tuple(datagram) in seen:
            again.add(int(frame))
        seen.add(tuple(datagram))
        if resent == "1":
            marked.add(int(frame))
    with memory_store() as store:
        list(ingest_paths(store, [str(shared_data / name)]))
        derive(store)
        ours = {row[0] for row in store.query("select frame from message where is_retransmission").rows}
    assert ours == again != marked
