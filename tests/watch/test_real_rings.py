"""dumpcap and tcpdump write their rings, a server rolls its log, a copy grows slowly; the watch is killed again and again meanwhile.

All by the programs themselves and on a real clock, over loopback: it takes some twenty seconds. SIPLENS_KILLS=20 takes a minute. What
counts at the end is what a clean ingest of the same files has.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from siplens.pipeline.blank import open_writable
from siplens.pipeline.growth import file_sha256
from siplens.pipeline.ingest import ingest_paths
from siplens.resources import shipped_folder
from siplens.rules import judge
from siplens.store import open_store
from siplens.watch import WatchOptions, watch

from ..capture.packets import rtp, sdp, sip
from ..stored_rows import derived_rows, raw_rows

KILLS = int(os.environ.get("SIPLENS_KILLS", "5"))
PORTS = range(38_100, 38_140)
"""Of our own calls: others may use loopback too."""
FILTER = f"udp portrange {PORTS.start}-{PORTS.stop}"
SAMPLES = shipped_folder("sample_traces")
SIPLENS = [sys.executable, "-c", "from siplens.cli.start import console_script; console_script()"]


def talk(stop: Event) -> None:
    """A call every 200 ms, each with 20 packets of RTP, from port to port of this machine."""
    with ExitStack() as opened:
        ends = [opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(4)]
        for port, end in zip(PORTS, ends, strict=False):
            end.bind(("127.0.0.1", port))
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 12)
        number = 0
        while not stop.is_set():
            number += 1
            offer = sip(f"call-{number}", body=sdp("127.0.0.1", PORTS[2]))
            ends[0].sendto(offer, ("127.0.0.1", PORTS[1]))
            ends[1].sendto(sip(f"call-{number}", method="OPTIONS"), ("127.0.0.1", PORTS[0]))
            for place in range(20):
                ends[3].sendto(rtp(place, place * 160, ssrc=number), ("127.0.0.1", PORTS[2]))
                time.sleep(0.01)


def roll(folder: Path, stop: Event) -> None:
    """A server's log that is written in pieces that end anywhere, and renamed amid a record."""
    whole = (SAMPLES / "capture_and_log" / "server.log").read_bytes()
    size, log = -(-len(whole) // 24), folder / "server.log"
    for number in range(24):
        with log.open("ab") as file:
            file.write(whole[number * size : (number + 1) * size])
        if number % 8 == 7:
            log.rename(folder / f"server-{number:02}.log")
        if not stop.is_set():
            time.sleep(0.4)


def copy(folder: Path, stop: Event) -> None:
    """A copy over a slow network."""
    whole = (SAMPLES / "bypassed" / "capture.pcap").read_bytes()
    size = -(-len(whole) // 20)
    with (folder / "copied.pcap").open("wb", buffering=0) as file:
        for number in range(20):
            file.write(whole[number * size : (number + 1) * size])
            if not stop.is_set():
                time.sleep(0.3)


@contextmanager
def writers(folder: Path) -> Iterator[None]:
    """All that writes; at the end each has closed its last file."""
    commands = []
    if dumpcap := shutil.which("dumpcap"):
        commands.append([dumpcap, "-q", "-i", "lo", "-f", FILTER, "-b", "duration:1", "-w", str(folder / "ring" / "trunk.pcapng")])
    if tcpdump := shutil.which("tcpdump"):
        plain = [tcpdump, "-q", "-i", "lo", "-w"]
        user = ["-Z", "root"] if os.geteuid() == 0 else []
        commands.append([*plain, str(folder / "timed" / "trace_%H%M%S.pcap"), "-G", "2", *user, FILTER])
        # With another snapshot length, in its header, so that no file of the one ring is the beginning of one of the other.
        commands.append([*plain, str(folder / "sized" / "volume.pcap"), "-C", "1", "-s", "4000", *user, FILTER])
    stop = Event()
    threads = [Thread(target=talk, args=(stop,)), Thread(target=roll, args=(folder, stop)), Thread(target=copy, args=(folder, stop))]
    programs = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for command in commands]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for program in programs:
            program.send_signal(signal.SIGINT)
            program.wait()


def may_capture() -> bool:
    dumpcap = shutil.which("dumpcap")
    tried = [dumpcap, "-q", "-i", "lo", "-a", "duration:1", "-w", os.devnull]
    return bool(dumpcap) and subprocess.run(tried, capture_output=True, check=False).returncode == 0


def test_rings_written_by_the_programs_themselves_survive_kills(tmp_path: Path) -> None:
    if not may_capture():
        pytest.skip("dumpcap is not installed, or may not capture on loopback")
    for name in ("ring", "timed", "sized"):
        (tmp_path / "day" / name).mkdir(parents=True)
    folder, database, chance = tmp_path / "day", tmp_path / "watched.duckdb", random.Random(8)
    command = [*SIPLENS, "watch", str(folder), "--settle", "3", "--poll", "0.2", "--db", str(database)]
    with writers(folder):
        for _ in range(KILLS):
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as life:
                time.sleep(chance.uniform(1.5, 4))
                life.kill()
            assert life.returncode == -signal.SIGKILL, "it was to be killed"
    watch(WatchOptions(db=database, folders=(folder,), settle_s=0.5, poll_s=0.1), until_idle=True)
    with open_store(database, write=False) as watched, open_writable(tmp_path / "clean.duckdb") as clean:
        passed_over = [file for file in ingest_paths(clean, [str(folder)]) if file.error]
        assert passed_over == []
        judge(clean)
        assert {row[0] for row in watched.query("select sha256 from source").rows} >= {
            file_sha256(path) for path in folder.rglob("*.pcap*") if path.stat().st_size > 24
        }
        wanted, found = raw_rows(clean), raw_rows(watched)
        assert {name: len(rows) for name, rows in found.items()} == {name: len(rows) for name, rows in wanted.items()}
        assert found == wanted
        assert derived_rows(watched) == derived_rows(clean)
        assert watched.value("select count(*) from source where path like '%trunk_%'") >= KILLS, "the ring should have gone on"
        assert watched.value("select count(distinct call_id) from message where call_id like 'call-%'") >= KILLS
