"""Waivers: findings that are known and accepted until a day. They stay in sight, and no longer fail a check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from siplens.errors import SiplensError
from siplens.store import Store

_HERE = Path(__file__).resolve().parent


class Waived(NamedTuple):
    """What a waiver did at once. One for a rule goes on to cover findings to come."""

    waiver_ids: tuple[int, ...]
    standing: int
    """Standing findings that it covers now."""


def waive_findings(store: Store, finding_ids: Sequence[int], reason: str, until: dt.datetime) -> Waived:
    """Waives findings by their numbers. Raises SiplensError for a number that no finding has."""
    rows = store.query("select finding_id, rule_id, fingerprint from finding where list_contains(?, finding_id)", [list(finding_ids)]).rows
    missing = set(finding_ids) - {row[0] for row in rows}
    if missing:
        numbers = ", ".join(str(number) for number in sorted(missing))
        raise SiplensError(f"there is no finding {numbers}", "'siplens check --format csv' prints finding_id")
    return _make(store, [(rule_id, None, fingerprint) for _, rule_id, fingerprint in rows], reason, until)


def waive_rule(store: Store, rule_id: str, peer: str | None, reason: str, until: dt.datetime) -> Waived:
    """Waives all findings of a rule, of one peer or of all, those to come too."""
    return _make(store, [(rule_id, peer, None)], reason, until)


def lift(store: Store, waiver_id: int) -> int:
    """Takes a waiver back; says how many standing findings it covered. Raises SiplensError where it is not in force."""
    if not store.value("select count(*) from waiver where waiver_id = ? and lifted_at is null", [waiver_id]):
        raise SiplensError(f"there is no waiver {waiver_id} in force", "'siplens waive --list' prints them")
    before = _covered(store)
    store.con.execute("UPDATE waiver SET lifted_at = ? WHERE waiver_id = ?", [_now(), waiver_id])
    _apply(store)
    return before - _covered(store)


def _make(store: Store, targets: Sequence[tuple[str, str | None, str | None]], reason: str, until: dt.datetime) -> Waived:
    if not reason.strip():
        raise SiplensError("a waiver needs a reason", "say why: --reason 'carrier changes it on 1 May, ticket 4711'")
    if until <= _now():
        raise SiplensError(f"{until:%Y-%m-%d} is over: a waiver ends in the future", "give --until a day to come, or --days")
    first: int = store.value("select coalesce(max(waiver_id), 0) + 1 from waiver")
    before = _covered(store)
    numbers = tuple(range(first, first + len(targets)))
    for number, (rule_id, peer, fingerprint) in zip(numbers, targets, strict=True):
        store.con.execute(
            "INSERT INTO waiver VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", [number, rule_id, peer, fingerprint, reason, _now(), until]
        )
    _apply(store)
    return Waived(numbers, _covered(store) - before)


def _apply(store: Store) -> None:
    store.con.execute((_HERE / "apply_waivers.sql").read_text(encoding="utf-8"))


def _covered(store: Store) -> int:
    count: int = store.value("select count(*) from finding where resolved_at is null and waived_until > ?", [_now()])
    return count


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
