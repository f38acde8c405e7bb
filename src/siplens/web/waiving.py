"""Waiving one finding from the browser."""

from __future__ import annotations

import datetime as dt

from siplens.errors import SiplensError
from siplens.rules.waive import waive_findings
from siplens.store import Store


def waive(store: Store, finding_id: int, reason: str, until: dt.date) -> str:
    """Waives a finding through the day `until` (UTC), with a reason; returns its rule's id. Raises SiplensError."""
    waive_findings(store, [finding_id], reason.strip(), dt.datetime.combine(until + dt.timedelta(days=1), dt.time()))
    rule_id: str | None = store.value("select rule_id from finding where finding_id = ?", [finding_id])
    if rule_id is None:
        raise SiplensError(f"there is no finding {finding_id}")
    return rule_id
