"""Steps that run side by side give what they give one after another: a step waits for what it builds on, and errors end the work."""

from __future__ import annotations

import duckdb
import pytest

from siplens.pipeline.side_by_side import Step, run_side_by_side, waiting_lists
from siplens.store import Store, memory_store


def step(name: str, text: str) -> Step:
    return Step(name, text, text)


@pytest.fixture
def store() -> Store:
    store = memory_store()
    store.con.execute("create table a (x int); create table b (x int); create table c (x int)")
    return store


STEPS = [
    step("fill a", "delete from a; insert into a select 1 as x"),
    step("from a", "insert into b select x + 1 from a /* not from c */ where 'c' = 'c'"),
    step("also into b", "insert into b select 10"),
    step("change a", "update a set x = 5"),
    step("after all", "insert into c select sum(a.x) + sum(b.x) from a, b"),
]


def test_what_a_step_waits_for_is_read_out_of_its_text() -> None:
    assert waiting_lists(STEPS) == [set(), {0}, set(), {0, 1}, {0, 1, 2, 3}]


def test_a_column_or_an_alias_is_no_table() -> None:
    steps = [step("1", "insert into host select 1"), step("2", "insert into b select message.host, x.host from message as x")]
    assert waiting_lists(steps) == [set(), set()]


def test_the_rows_are_those_of_one_after_another(store: Store) -> None:
    heard: list[str] = []
    with store:
        run_side_by_side(store, STEPS, heard.append)
        assert store.query("select x from b order by x").rows == [(2,), (10,)]
        assert store.value("select x from c") == 22
    assert sorted(heard) == sorted(step.name for step in STEPS)


def test_an_error_ends_the_work_and_names_the_step(store: Store) -> None:
    broken = [STEPS[0], step("05_broken.sql", "insert into b select y from a"), STEPS[4]]
    with store:
        with pytest.raises(duckdb.BinderException) as raised:
            run_side_by_side(store, broken, None)
        assert raised.value.__notes__ == ["while running 05_broken.sql"]
        assert store.value("select count(*) from c") == 0


HUNGRY = step("hungry", "delete from c; insert into c select len(list(x)) from range(2000000) as t (x)")
"""DuckDB cannot put the list that it makes here on disk; it needs some 30 MB."""


def test_a_step_that_does_not_fit_into_the_bound_gets_more_memory_while_it_runs(store: Store) -> None:
    with store:
        with store.memory_bound(10):
            run_side_by_side(store, [HUNGRY], None)
            assert store.value("select current_setting('memory_limit')") == "9.5 MiB", "the next step has to do with less again"
        assert store.value("select x from c") == 2_000_000


def test_steps_that_do_not_fit_beside_each_other_all_end(store: Store) -> None:
    hungry = [step(f"hungry {name}", HUNGRY.run.replace(" c;", f" {name};").replace(" c ", f" {name} ")) for name in ("a", "b", "c")]
    with store:
        with store.memory_bound(10):
            run_side_by_side(store, hungry, None)
        for name in ("a", "b", "c"):
            assert store.query(f"select x from {name}").rows == [(2_000_000,)]


def test_a_step_that_waits_to_be_alone_ends_where_another_fails(store: Store) -> None:
    broken = step("broken", "insert into b select error('broken') from range(3000000) as t (x) where x = 2999999")
    with store, store.memory_bound(10), pytest.raises(duckdb.Error):
        run_side_by_side(store, [HUNGRY, broken], None)


def test_no_step_gets_more_than_duckdbs_own_bound(store: Store) -> None:
    with store:
        store.con.execute("set memory_limit = '10MB'")
        with pytest.raises(duckdb.OutOfMemoryException), store.memory_bound(5):
            run_side_by_side(store, [HUNGRY], None)
        assert store.value("select current_setting('memory_limit')") == "9.5 MiB"
