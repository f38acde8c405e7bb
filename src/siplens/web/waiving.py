"""Waiving one finding from the browser."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

from siplens.errors import SiplensError
from siplens.store import Store

_FOLDER = Path(__file__).with_name("sql")


@cache
def _text(name: str) -> str:
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def waive(store: Store, finding_id: int, reason: str, until: dt.date) -> str:
    """Waives a finding through the day `until` (UTC), with a reason; returns its rule's id. Raises SiplensError."""
    if not reason.strip():
        raise SiplensError("a waiver needs a reason", hint="say in a few words why this finding is accepted")
    if until < dt.datetime.now(dt.UTC).date():
        raise SiplensError(f"until={until}: that day has passed")
    rule_id: str | None = store.value("select rule_id from finding where finding_id = ?", [finding_id])
    if rule_id is None:
        raise SiplensError(f"there is no finding {finding_id}")
    ends = dt.datetime.combine(until + dt.timedelta(days=1), dt.time())
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    store.con.execute("BEGIN TRANSACTION")
    try:
        store.con.execute(_text("waive_keep"), {"finding_id": finding_id, "reason": reason.strip(), "until": ends, "now": now})
        store.con.execute(_text("waive_mark"), {"finding_id": finding_id, "reason": reason.strip(), "until": ends})
        store.con.execute("COMMIT")
    except BaseException:
        store.con.execute("ROLLBACK")
        raise
    return rule_id
