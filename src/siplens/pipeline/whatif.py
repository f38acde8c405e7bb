"""What if the configuration were another: the same SQL over changed copies of the configuration tables, beside the user's database.

The user's database is only read. The copies live in memory, in a database whose tables go before the user's of the same name; calls,
and what they say of themselves, are the user's. Roles of hosts stay as they were derived: where the changed configuration gives an
address another role, a note says so, with the calls that it concerns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from siplens.config.change import Change
from siplens.config.network_kinds import SITE
from siplens.config.nodes import Entry, Object, Scalar
from siplens.config.objects import Objects
from siplens.config.trunk_kinds import TRUNK
from siplens.errors import ConfigurationError, StoreError
from siplens.pipeline.configure import import_configuration
from siplens.pipeline.derive import decide
from siplens.records import CONFIGURATION_TABLES
from siplens.resources import PACKAGE
from siplens.store import Rows, Store
from siplens.store.writer import numeric_form

_QUERIES = PACKAGE / "sql" / "whatif"


@dataclass(slots=True)
class Answer:
    """What would be otherwise."""

    calls: int = 0
    """Calls judged."""
    changed: int = 0
    """Calls whose expectation changes."""
    listed: list[dict[str, Any]] = field(default_factory=list)
    """The changed calls, as many as were asked for, and why each changes."""
    totals: list[dict[str, Any]] = field(default_factory=list)
    """Per trunk and per site: calls, expected before and after."""
    notes: list[str] = field(default_factory=list)
    """What was assumed, such as a trunk configuration made for a gateway that had none of its own."""


def what_if(path: Path, changes: Sequence[Change], files: Sequence[Path] = (), *, most: int | None = 100) -> Answer:
    """Judges all calls of the database at `path` by a changed configuration.

    files: a configuration that takes the place of the stored ones for all calls; None: each call keeps the one in force when it was made.
    changes: made on top of that. most: changed calls to list at most, None for all. Raises SiplensError; the database is not touched.
    """
    with _beside(path) as store:
        answer = Answer()
        if files:
            _replace(store, files, answer)
        for change in changes:
            _apply(store, change, answer)
        _number_new_addresses(store)
        decide(store)
        answer.calls = store.value("select count(*) from call")
        answer.changed = store.value(_query("changed_count"))
        answer.listed = _dicts(store.query(_query("changed_calls"), {"most": most if most is not None else answer.changed}))
        answer.totals = _dicts(store.query(_query("totals")))
        answer.notes += [_other_role(row) for row in _dicts(store.query(_query("other_roles")))]
        return answer


@contextmanager
def _beside(path: Path) -> Iterator[Store]:
    con = duckdb.connect(":memory:", config={"python_enable_replacements": True})
    try:
        con.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS base (READ_ONLY)")
        con.execute("SET preserve_insertion_order = false")
        copied = [table.name for table in CONFIGURATION_TABLES]
        for name in [*copied, "config_snapshot", "config_in_force", "criterion", "source", "store_info", "address"]:
            con.execute(f'CREATE TABLE "{name}" AS FROM base.main."{name}"')
        con.execute("CREATE SEQUENCE source_number START 1000000000")
        con.execute("SET search_path = 'memory.main,base.main'")
        store = Store(con, path, writable=True)
        if not store.value("select count(*) from config_snapshot"):
            raise StoreError(
                f"{path}: no configuration was imported, so there is nothing to change", hint="run 'siplens config import FILE'"
            )
        yield store
    finally:
        con.close()


def _other_role(row: dict[str, Any]) -> str:
    """What must be known of an address whose role the changed configuration would turn."""
    calls = f"{row['calls']:,} call{'' if row['calls'] == 1 else 's'}"
    return (
        f"{row['ip']} was taken as {row['was']} when the calls were put together, and the changed configuration calls it {row['becomes']}: "
        f"how the legs of {calls} belong together is not known under it; 'siplens config import' on a copy derives them anew"
    )


def _query(name: str) -> str:
    return (_QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def _dicts(rows: Rows) -> list[dict[str, Any]]:
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]


def _replace(store: Store, files: Sequence[Path], answer: Answer) -> None:
    """The files' configuration, for every call."""
    imported = import_configuration(store, files)
    if imported.carried_over:
        answer.notes.append(f"taken over from the stored configuration: {', '.join(imported.carried_over)}")
    answer.notes += imported.warnings
    store.con.execute("DELETE FROM config_in_force")
    store.con.execute("INSERT INTO config_in_force SELECT call_no, ? FROM call", [imported.snapshot_id])


def _apply(store: Store, change: Change, answer: Answer) -> None:
    """Changes the objects in every snapshot that is in force for some call."""
    table, column = change.kind.table.name, change.column
    for (snapshot_id,) in store.query("select distinct snapshot_id from config_in_force").rows:
        named = _named(store, change, snapshot_id, answer)
        if named is None:
            _make(store, change, snapshot_id, answer)
            continue
        where = " AND ".join(f'lower("{name}"::varchar) = lower(${name}::varchar)' for name in named) or "true"
        # A site that gains or loses its policy, or moves, gets its bypass ID anew: the stored one would be that of before.
        again = ', "BypassID" = NULL' if change.kind is SITE and column in ("BWPolicyProfileID", "NetworkRegionID") else ""
        if again and (words := f"{change.text}: the site's bypass ID is made anew") not in answer.notes:
            answer.notes.append(words)
        assigned = f'UPDATE "{table}" SET "{column}" = $changed{again} WHERE snapshot_id = $snapshot AND {where}'
        store.con.execute(assigned, {**named, "snapshot": snapshot_id, "changed": change.value})


def _named(store: Store, change: Change, snapshot_id: int, answer: Answer) -> dict[str, Any] | None:
    """Identity of the objects that are meant, as they are stored; None where there are none.

    A first label will do for a name of which there is only one: gw1 for gw1.contoso.example.
    """
    table, named = change.kind.table.name, dict(change.identity or {})
    if len(named) != 1:
        where = " AND ".join(f'lower("{name}"::varchar) = lower(${name}::varchar)' for name in named) or "true"
        query = f'SELECT count(*) FROM "{table}" WHERE snapshot_id = $snapshot AND {where}'
        return named if store.value(query, {**named, "snapshot": snapshot_id}) else None
    ((column, value),) = named.items()
    query = f"""SELECT DISTINCT "{column}" FROM "{table}" WHERE snapshot_id = $snapshot
        AND (lower("{column}") = lower($value) OR starts_with(lower("{column}"), lower($value) || '.'))"""
    found = [row[0] for row in store.query(query, {"snapshot": snapshot_id, "value": value}).rows]
    exact = [name for name in found if name.lower() == str(value).lower()] or found
    if len(exact) > 1:
        raise ConfigurationError(f"--set {change.text}: {value} may be any of {', '.join(sorted(exact))}", "write the whole name")
    if exact and exact[0].lower() != str(value).lower() and (words := f"{change.text}: taken to mean {exact[0]}") not in answer.notes:
        answer.notes.append(words)
    return {column: exact[0]} if exact else None


def _make(store: Store, change: Change, snapshot_id: int, answer: Answer) -> None:
    """A new object with the changed property, where there is none of that name to change."""
    if change.identity is None and change.kind.identity:
        raise ConfigurationError(f"--set {change.text}: the configuration has no {change.kind.title}")
    row: dict[str, Any] = {}
    words = f"{change.text}: there is no such {change.kind.title} in the configuration; one is made"
    if change.kind is TRUNK and (wider := _wider_trunk(store, snapshot_id)):
        row, words = wider, f"{change.text}: the gateway has no trunk configuration of its own; one is made from {wider['Identity']}"
    given = {**(change.identity or {}), change.column: change.value}
    row = {**row, **{name: value for name, value in given.items() if value is not None}}
    objects = Objects(Path(f"--set {change.text}"), strict=True)
    objects.add(change.kind, Object({name.lower(): Entry(name, 1, _scalar(value)) for name, value in row.items() if value is not None}, 1))
    (made,) = objects.rows(change.kind)
    made |= {"snapshot_id": snapshot_id, "source_id": 0}
    names, marks = ", ".join(f'"{name}"' for name in made), ", ".join("?" for _ in made)
    store.con.execute(f'INSERT INTO "{change.kind.table.name}" ({names}) VALUES ({marks})', list(made.values()))
    if words not in answer.notes:
        answer.notes.append(words)


def _scalar(value: Any) -> Scalar:
    return Scalar(", ".join(value) if isinstance(value, list) else str(value), 1)


def _wider_trunk(store: Store, snapshot_id: int) -> dict[str, Any] | None:
    """The Global trunk configuration, which holds where a gateway has none of its own."""
    rows = store.query(
        "SELECT * EXCLUDE (snapshot_id, source_id, line) FROM trunk WHERE snapshot_id = ? AND Identity = 'Global'", [snapshot_id]
    )
    return dict(zip(rows.columns, rows.rows[0], strict=True)) if rows.rows else None


def _number_new_addresses(store: Store) -> None:
    """Addresses that only the changed configuration names, for the longest prefix."""
    texts = store.query(
        "select distinct ip from (select representativemediaip as ip from gateway union all select unnest(addresses) from gateway) as told "
        "anti join address using (ip) where ip is not null"
    ).rows
    rows = [numbered for (text,) in texts if (numbered := numeric_form(text))]
    if rows:
        store.con.executemany("INSERT INTO address VALUES (?, ?, ?)", rows)
