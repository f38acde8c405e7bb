"""Versions for the history of runs: of a rule, and of the configuration. Equal digests mean equal judgement of equal evidence."""

from __future__ import annotations

import hashlib
import json

from siplens.rules.rule import Rule
from siplens.store import Store

_LENGTH = 12


def rule_version(rule: Rule) -> str:
    """Digest of the rule's text and of the parameters in force."""
    return _digest(rule.sql, json.dumps(rule.params, sort_keys=True))


def configuration_version(store: Store) -> str | None:
    """Digest of the configuration files imported and of the times they are in force from; None without any."""
    rows = store.query("select distinct source.sha256, source.first_ts::varchar from source where source.kind = 'config' order by all").rows
    return _digest(*(text or "" for row in rows for text in row)) if rows else None


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:_LENGTH]
