"""What a step says it needs is true: without it, the step has no rows to give, whatever else the database holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from siplens.pipeline.configure import import_configuration
from siplens.pipeline.derive import bypass_files, derive
from siplens.pipeline.ingest import ingest_paths
from siplens.pipeline.side_by_side import Step, run_side_by_side
from siplens.pipeline.steps import refill
from siplens.resources import shipped_folder, sql_files
from siplens.store import Store, memory_store

STEPS = {path: refill(path.read_text(encoding="utf-8")) for path in [*sql_files("sql", "derive"), *bypass_files("0", "1", "9")]}
NEEDY = sorted(path.stem for path, step in STEPS.items() if step.needs)
SAMPLES = ("capture_and_log", "forked_cancelled", "direct_media_refused", "stale_bypass_id")


@pytest.fixture(scope="module")
def full() -> Iterator[Store]:
    """Calls of several kinds, in captures and a log, with their configuration."""
    folders = [shipped_folder("sample_traces") / name for name in SAMPLES]
    with memory_store() as store:
        assert not [found.error for found in ingest_paths(store, [str(path) for path in folders]) if found.error]
        import_configuration(store, [folders[2] / "config.yaml"])
        derive(store)
        yield store


def filled_from(table: str) -> set[str]:
    """The tables that are empty where `table` is, for they need it, or need one that does."""
    found = {step.clears for step in STEPS.values() if step.clears and step.needs == table}
    return found.union(*map(filled_from, found))


@pytest.mark.parametrize("name", NEEDY)
def test_a_step_gives_nothing_without_what_it_needs(full: Store, name: str) -> None:
    step = next(step for path, step in STEPS.items() if path.stem == name)
    needed, _, condition = step.needs.partition(" where ")
    full.con.execute("BEGIN TRANSACTION")
    try:
        full.con.execute(f"DELETE FROM {needed}" + (f" WHERE {condition}" if condition else ""))
        for table in {step.clears, *(filled_from(needed) if not condition else ())} - {""}:
            full.con.execute(f"DELETE FROM {table}")
        if not condition or not full.value(f"select exists (from {step.needs})"):
            assert full.con.execute(step.run).fetchall() in ([(0,)], [])
    finally:
        full.con.execute("ROLLBACK")


def test_a_step_is_passed_over_where_what_it_needs_is_empty(tmp_path: Path) -> None:
    with memory_store() as store:
        store.con.execute("create table a (x int); create table b (x int); create table c (x int)")
        store.con.execute("insert into b values (1); insert into c values (1)")
        steps = [
            Step("b", "insert into b select x from a", "insert into b select x from a", clears="b", needs="a"),
            Step("c", "insert into c select 1 / 0 from b", "insert into c select 1 from b", clears="c", needs="b where x > 1"),
        ]
        run_side_by_side(store, steps, None)
        assert store.query("select (select count(*) from b), (select count(*) from c)").rows == [(0, 0)]
