"""How long each step of the derivation takes, on a copy of a database: the place to look before and after a step is changed or added.

    python benchmarks/derive_steps.py siplens.duckdb                    all steps, slowest first, and what each waits for
    python benchmarks/derive_steps.py siplens.duckdb 40_leg.sql         that step's plan, with times (EXPLAIN ANALYZE)

Here the steps run one after another; `siplens ingest` runs them two at a time, each as soon as those that it names the tables of
are done. A step on a few thousand messages costs what planning costs: some 2 ms for each join, and more where a join carries
many columns. Join narrow tables first, name the columns, and read `message` once.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from siplens.pipeline.derive import bypass_files, derive
from siplens.pipeline.side_by_side import Step, waiting_lists
from siplens.pipeline.steps import refill
from siplens.resources import sql_files
from siplens.store import Store, open_store


def steps() -> list[Step]:
    files = [*sql_files("sql", "derive"), *bypass_files("0", "1", "9")]
    return [Step(path.name, _refilling(text), text) for path in files for text in [path.read_text(encoding="utf-8")]]


def _refilling(text: str) -> str:
    clears, run, _ = refill(text)
    return f"delete from {clears};\n{run}" if clears else run


def show_times(store: Store, listed: list[Step]) -> None:
    waits = waiting_lists(listed)
    taken = []
    for step in listed:
        wall, cpu = time.perf_counter(), time.process_time()
        if step.run:
            store.con.execute(step.run)
        taken.append((time.perf_counter() - wall, time.process_time() - cpu))
    print(f"{'wall ms':>8} {'cpu ms':>8}  step, and the last of those it waits for")
    for number in sorted(range(len(listed)), key=lambda number: -taken[number][0]):
        last = listed[max(waits[number])].name if waits[number] else "nothing"
        print(f"{taken[number][0] * 1000:8.1f} {taken[number][1] * 1000:8.1f}  {listed[number].name} < {last}")
    print(f"{sum(wall for wall, _ in taken) * 1000:8.1f} {sum(cpu for _, cpu in taken) * 1000:8.1f}  all, one after another")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.duckdb"
        shutil.copy(sys.argv[1], copy)
        with open_store(copy, write=True) as store:
            started = time.perf_counter()
            derive(store)
            print(f"{(time.perf_counter() - started) * 1000:8.1f} ms for the whole derivation, side by side")
            if len(sys.argv) > 2:
                text = next(step.run for step in steps() if step.name == sys.argv[2])
                for statement in store.con.extract_statements(text):
                    print(store.con.execute(f"EXPLAIN ANALYZE {statement.query}").fetchall()[0][1])
            else:
                store.con.execute("SET preserve_insertion_order = false")
                show_times(store, steps())


if __name__ == "__main__":
    main()
