"""How long the explorer's pages take over many calls: python benchmarks/pages.py calls.duckdb

The database is one of benchmarks/generate_calls.py. Pages are asked for over HTTP of a server of its own, which has answered each of
them once before, as a person's second look would be; the middle of --times answers counts, and the first answer stands beside it.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

PAGES = (
    "/calls",
    "/calls?page=1000",
    "/calls?page=20000",
    "/calls?order=early",
    "/calls?order=longest&page=3",
    "/calls?verdict=fail",
    "/calls?verdict=fail&outcome=answered&order=oldest",
    "/calls?rule=DMR001",
    "/calls?peer=gw7.contoso.example",
    "/calls?text=anna",
    "/calls?text=%2B14255550158",
    "/calls?since=2026-03-10&until=2026-03-12",
    "/calls/500000",
    "/calls/17",
    "/",
    "/findings",
    "/findings?rule=BYP001",
    "/peers",
    "/trends",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--page", action="append", help="only this page; may be given again")
    options = parser.parse_args()
    command = [str(Path(sys.executable).with_name("siplens")), "serve", "--port", "0", "--db", str(options.database)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        found = re.search(r"(http://127\.0\.0\.1:\d+)/", server.stderr.readline())
        if found is None:
            raise SystemExit(f"siplens serve did not begin: {server.stderr.read()}")
        print("| page | first, ms | then, ms | kB |\n|---|---:|---:|---:|")
        for page in options.page or PAGES:
            seconds, size = zip(*(asked(found[1] + page) for _ in range(options.times + 1)), strict=True)
            print(f"| {page} | {seconds[0] * 1000:.0f} | {statistics.median(seconds[1:]) * 1000:.0f} | {size[0] / 1000:.0f} |", flush=True)
        server.terminate()


def asked(address: str) -> tuple[float, int]:
    """(seconds, bytes) of one page."""
    began = time.perf_counter()
    with urllib.request.urlopen(address, timeout=600) as answer:
        size = len(answer.read())
    return time.perf_counter() - began, size


if __name__ == "__main__":
    main()
