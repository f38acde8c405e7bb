"""How long the bypass decision and a what-if take: calls are written straight into the derived tables, then judged.

python benchmarks/decision.py --calls 1000000
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from siplens.config.change import read_change
from siplens.pipeline.derive import assess, decide, derive
from siplens.pipeline.whatif import what_if
from siplens.store import Store, open_store

SQL = Path(__file__).with_name("generate_decision.sql")


def make(path: Path, calls: int) -> Store:
    """A database with that many calls, derived but not judged."""
    store = open_store(path, write=True)
    derive(store)
    store.con.execute(SQL.read_text(encoding="utf-8").replace("$calls", str(calls)))
    return store


DIFFER = """
update media_path set observed = if((bypass_verdict.expected = 'pass') = (media_path.call_no % 25 > 0), 'direct', 'mediated')
from bypass_verdict where media_path.call_no = bypass_verdict.call_no
"""
"""One call in 25 went otherwise than expected."""


def timed(store: Store, step: Callable[[Store, Callable[[str], None]], None], *, say: bool) -> tuple[float, float]:
    """Seconds of wall clock and of processor time that `step` takes, as one transaction."""
    marks: list[tuple[str, float]] = []
    begin, spent = time.perf_counter(), time.process_time()
    store.con.execute("SET preserve_insertion_order = false")
    store.con.execute("BEGIN TRANSACTION")
    step(store, lambda name: marks.append((name, time.perf_counter())))
    store.con.execute("COMMIT")
    end = time.perf_counter()
    if say:
        for (name, started), (_, ended) in zip(marks, [*marks[1:], ("", end)], strict=True):
            print(f"    {name:32} {ended - started:7.3f} s")
    return end - begin, time.process_time() - spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--steps", action="store_true", help="print each step's time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.duckdb"
        with make(path, options.calls) as store:
            wall, cpu = timed(store, assess, say=options.steps)
            print(f"{options.calls:,} calls: facts, decision and figures {wall:.2f} s ({cpu:.2f} s of processor time)", flush=True)
            store.con.execute(DIFFER)
            wall, cpu = timed(store, decide, say=options.steps)
            print(f"{options.calls:,} calls: decision {wall:.2f} s ({cpu:.2f} s of processor time)", flush=True)
            print(store.query("select expected, observed, verdict, count(*) from bypass_verdict group by all order by all").rows)
        begin, spent = time.perf_counter(), time.process_time()
        answer = what_if(path, [read_change("trunk[gw3].EnableBypass=true")])
        wall, cpu = time.perf_counter() - begin, time.process_time() - spent
        print(f"{options.calls:,} calls: what-if {wall:.2f} s ({cpu:.2f} s of processor time), {answer.changed:,} calls change")


if __name__ == "__main__":
    main()
