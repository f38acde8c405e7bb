"""Peak memory of `siplens ingest` as the input grows: whole processes, database written, calls derived.

    python benchmarks/memory.py                   all sizes, in some five minutes; 9 GB in benchmarks/data/
    python benchmarks/memory.py --quick           without the 5 GB capture and the largest of each kind

The kernel's own account of the largest resident set, shared libraries included (some 90 MB of it). Each input is read twice and
the larger figure is told: what runs at the same moment differs from run to run. A run that compiles takes more, and is not told.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from compare import capture, siplens_command
from read_logs import measured, trace

TURNS = 2


def logs(sizes_mb: list[int]) -> list[tuple[str, Path]]:
    return [(f"server trace, {size:,} MB", trace(size)) for size in sizes_mb]


def signalling(messages: list[int]) -> list[tuple[str, Path]]:
    return [(f"SIP, {count:,} messages", capture(f"sip-{count}-held.pcap", ["--sip-messages", str(count)])) for count in messages]


def media(sizes_mb: list[int]) -> list[tuple[str, Path]]:
    return [(f"RTP, {size:,} MB", capture(f"media-{size}MB.pcap", ["--megabytes", str(size)])) for size in sizes_mb]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller inputs only")
    quick = parser.parse_args().quick
    inputs = logs([100, 200, 600] if quick else [100, 200, 600, 1200])
    inputs += signalling([70_000, 280_000] if quick else [70_000, 280_000, 1_000_000])
    inputs += media([1000] if quick else [1000, 5000])
    for path in (inputs[0][1], inputs[-1][1]):  # compiles what was not compiled
        measured(siplens_command(path))
    print("| input | MB/s | seconds | seconds of processor | peak memory, MB |\n|---|---:|---:|---:|---:|")
    for title, path in inputs:
        command = siplens_command(path)
        clock, processor, memory = zip(*(measured(command) for _ in range(TURNS)), strict=True)
        rate = path.stat().st_size / 1e6 / min(clock)
        print(f"| {title} | {rate:,.0f} | {min(clock):.1f} | {min(processor):.1f} | {max(memory):,.0f} |", flush=True)


if __name__ == "__main__":
    main()
