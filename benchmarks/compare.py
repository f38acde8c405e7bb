"""siplens, tshark and sngrep on the same captures, one after the other in one run: whole-process seconds and peak memory.

    python benchmarks/compare.py                  the table of README's section Speed, in some ten minutes
    python benchmarks/compare.py --megabytes 100  a quick look

1 GB of RTP in 1,000 calls; 280,000 SIP messages; 5 GB of RTP and 1,000 small captures by siplens alone. Each command runs in turn
(A B C, A B C, …) so that a noisy machine slows all alike; the median is printed, and the ratio to siplens of the same turn.
sngrep takes minutes for RTP and runs once there. Captures are made once, in benchmarks/data/. Needs tshark and sngrep for their rows.
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
    once: bool = False
    seconds: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)

    def run(self) -> None:
        """One whole process, timed from outside; memory is the kernel's account of that process."""
        started = time.perf_counter()
        # As on any machine where nobody forbids it: Python keeps what it compiled of its modules.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(self.command, stdin=nothing, stdout=nothing, stderr=nothing, env=kept)
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


def rivals(path: Path, commands: dict[str, list[str]], once: str = "") -> list[Contestant]:
    """The other programs that are on this machine; those that are not are named. once: the one that runs a single time."""
    found = []
    for name, command in commands.items():
        if shutil.which(command[0]):
            found.append(Contestant(name, [*command, str(path)], command[0] == once))
        else:
            print(f"{command[0]} is not installed: no row for it", file=sys.stderr)
    return found


def compare(title: str, path: Path, others: list[Contestant], turns: int) -> list[str]:
    """Runs all in turn; rows of the table."""
    ours = Contestant("siplens ingest", siplens_command(path))
    ours.run()  # warms the file cache, alike for all, and compiles the kernel where that was not done
    ours.seconds.clear()
    ours.peak_mb.clear()
    for turn in range(turns):
        for contestant in (ours, *others):
            if turn == 0 or not contestant.once:
                print(f"{title}: {contestant.name}, turn {turn + 1}", file=sys.stderr)
                contestant.run()
    rows = []
    for contestant in (ours, *others):
        ratio = statistics.median(a / b for a, b in zip(contestant.seconds, ours.seconds, strict=False))
        seconds = statistics.median(contestant.seconds)
        rows.append(f"| {title} | {contestant.name} | {seconds:.2f} | {ratio:.1f} | {max(contestant.peak_mb):,.0f} |")
    return rows


def small_captures(source: Path) -> Path:
    """A folder of 1,000 captures of 200 kB, cut one after another from a larger one."""
    folder = DATA / "small"
    if folder.exists():
        return folder
    folder.mkdir(parents=True)
    with source.open("rb") as file:
        header = file.read(24)
        for number in range(SMALL_FILES):
            piece = bytearray(header)
            while len(piece) < SMALL_SIZE:
                record = file.read(16)
                piece += record + file.read(int.from_bytes(record[8:12], "little"))
            (folder / f"{number:04}.pcap").write_bytes(piece)
    return folder


SMALL_FILES, SMALL_SIZE = 1_000, 200_000
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
    size, messages, turns = options.megabytes, options.messages, options.turns
    media = capture(f"media-{size}MB.pcap", ["--megabytes", str(size)])
    signalling = capture(f"sip-{messages}-held.pcap", ["--sip-messages", str(messages)])
    large = capture(f"media-{5 * size}MB.pcap", ["--megabytes", str(5 * size)])
    small = small_captures(media)
    rows = compare(f"RTP, {size:,} MB", media, rivals(media, MEDIA_RIVALS, once="sngrep"), turns)
    rows += compare(f"SIP, {messages:,} messages", signalling, rivals(signalling, SIGNALLING_RIVALS), turns)
    rows += compare(f"RTP, {5 * size:,} MB", large, [], 1)
    rows += compare(f"{SMALL_FILES:,} captures of {SMALL_SIZE // 1000} kB", small, [], 1)
    print("| capture | command | seconds | times siplens | peak memory, MB |\n|---|---|---:|---:|---:|")
    print("\n".join(rows), flush=True)


if __name__ == "__main__":
    main()
