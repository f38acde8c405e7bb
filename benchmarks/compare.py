"""siplens, tshark and sngrep on the same captures, one after the other in one run: whole-process seconds and peak memory.

    python benchmarks/compare.py                  1 GB of RTP in 1,000 calls, and 280,000 SIP messages
    python benchmarks/compare.py --megabytes 100  a quick look

Each command runs in turn (A B C, A B C, …) so that a noisy machine slows all alike; the median is printed, and the ratio to
siplens of the same turn. Captures are made once, in benchmarks/data/. Needs tshark and sngrep for their rows.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
GENERATOR = HERE / "generate_capture.py"


@dataclass
class Contestant:
    """One command, and what its runs took."""

    name: str
    command: list[str]
    seconds: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)

    def run(self) -> None:
        """One whole process, timed from outside; memory is the kernel's account of that process."""
        started = time.perf_counter()
        process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{self.name} ended with status {process.returncode}: {' '.join(self.command)}")
        self.seconds.append(time.perf_counter() - started)
        self.peak_mb.append(usage.ru_maxrss / 1024)


def capture(name: str, arguments: list[str]) -> Path:
    """The capture of that name, made now if it is not there."""
    path = DATA / name
    if not path.exists():
        DATA.mkdir(exist_ok=True)
        subprocess.run([sys.executable, str(GENERATOR), *arguments, str(path)], check=True)
    return path


def siplens_command(path: Path) -> list[str]:
    """`siplens ingest` into a database that is not there yet."""
    database = DATA / "bench.duckdb"
    siplens = shutil.which("siplens", path=str(Path(sys.executable).parent)) or "siplens"
    shell = f"rm -f '{database}' '{database}.wal' && exec '{siplens}' ingest --db '{database}' '{path}'"
    return ["sh", "-c", shell]


def rivals(path: Path, commands: dict[str, list[str]]) -> list[Contestant]:
    """The other programs that are on this machine; those that are not are named."""
    found = []
    for name, command in commands.items():
        if shutil.which(command[0]):
            found.append(Contestant(name, [*command, str(path)]))
        else:
            print(f"{command[0]} is not installed: no row for it", file=sys.stderr)
    return found


def compare(title: str, path: Path, others: list[Contestant], turns: int) -> None:
    """Runs all in turn, prints one Markdown table."""
    ours = Contestant("siplens ingest (database written)", siplens_command(path))
    ours.run()  # warms the file cache, alike for all, and compiles the kernel where that was not done
    ours.seconds.clear()
    ours.peak_mb.clear()
    for _ in range(turns):
        for contestant in (ours, *others):
            contestant.run()
    print(f"\n{title}: {path.stat().st_size / 1e6:,.0f} MB, {turns} turns, medians\n")
    print("| command | seconds | times siplens | peak memory, MB |\n|---|---:|---:|---:|")
    for contestant in (ours, *others):
        ratio = statistics.median(a / b for a, b in zip(contestant.seconds, ours.seconds, strict=True))
        seconds = statistics.median(contestant.seconds)
        print(f"| {contestant.name} | {seconds:.2f} | {ratio:.1f} | {max(contestant.peak_mb):,.0f} |", flush=True)


MEDIA_RIVALS = {
    "tshark -q -z rtp,streams": ["tshark", "-q", "-z", "rtp,streams", "-r"],
    "sngrep -N -r -I": ["sngrep", "-N", "-r", "-I"],  # in 1.6, -r means: RTP too; -I names the file
}
FIELDS = ["sip.Call-ID", "sip.CSeq.method", "sip.Status-Code", "sip.from.tag", "sip.to.tag"]
SIGNALLING_RIVALS = {
    "sngrep -N -I": ["sngrep", "-N", "-I"],
    "tshark -T fields": ["tshark", "-T", "fields", *(part for field in FIELDS for part in ("-e", field)), "-r"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000, help="size of the RTP capture (default 1000)")
    parser.add_argument("--messages", type=int, default=280_000, help="messages in the all-SIP capture (default 280000)")
    parser.add_argument("--turns", type=int, default=3, help="times that each command runs (default 3)")
    options = parser.parse_args()
    media = capture(f"media-{options.megabytes}MB.pcap", ["--megabytes", str(options.megabytes)])
    compare("RTP-heavy capture", media, rivals(media, MEDIA_RIVALS), options.turns)
    signalling = capture(f"sip-{options.messages}.pcap", ["--sip-messages", str(options.messages)])
    compare("All-SIP capture", signalling, rivals(signalling, SIGNALLING_RIVALS), options.turns)


if __name__ == "__main__":
    main()
