"""siplens on server traces of 200 and 600 MB, 15 % of their records SIP: whole processes, database written, calls derived.

    python benchmarks/read_logs.py              the table of README's section Speed, in a minute
    python benchmarks/read_logs.py --turns 1

Traces are made once by generate_log.py, in benchmarks/data/. Seconds of processor are of all threads: on a machine that others use too they
say more than those of the clock.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from compare import DATA, HERE, siplens_command

SIZES_MB = (200, 600)


def trace(megabytes: int) -> Path:
    """The trace of that size, made now if it is not there."""
    path = DATA / f"trace-{megabytes}MB.log"
    if not path.exists():
        DATA.mkdir(exist_ok=True)
        subprocess.run([sys.executable, str(HERE / "generate_log.py"), "--megabytes", str(megabytes), str(path)], check=True)
    return path


def measured(command: list[str]) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of processor, and peak memory in MB of one whole process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"ended with status {process.returncode}: {' '.join(command)}")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3, help="times that each trace is read (default 3)")
    options = parser.parse_args()
    rows = []
    for megabytes in SIZES_MB:
        command = siplens_command(trace(megabytes))
        measured(command)  # warms the file cache, and compiles what was not compiled
        clock, processor, memory = zip(*(measured(command) for _ in range(options.turns)), strict=True)
        seconds = statistics.median(clock)
        rows.append(
            f"| {megabytes} MB | {seconds:.1f} | {megabytes / seconds:.0f} | {statistics.median(processor):.1f} | {max(memory):,.0f} |"
        )
    print("| server trace | seconds | MB/s | seconds of processor | peak memory, MB |\n|---|---:|---:|---:|---:|")
    print("\n".join(rows), flush=True)


if __name__ == "__main__":
    main()
