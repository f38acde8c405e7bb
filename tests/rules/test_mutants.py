"""A slip in a rule's SQL makes a fixture or an edge fail: shown on a fixed sample.

`python tests/rules/mutate.py` shows it on all mutants of all rules.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from siplens.rules import load_rules
from siplens.rules.fixture import fixture_store
from siplens.store import Store

sys.path.insert(0, str(Path(__file__).resolve().parent))

from mutate import equivalents, mutants, prepare, survives

SAMPLE = ("BYP001", "CAP003", "CFG008", "DMR009", "EDL003", "MED006", "SIG006")
"""One rule of each family."""
SHARE = 6
RULES = {rule.id: rule for rule in load_rules()}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with fixture_store() as store:
        yield store


@pytest.mark.parametrize("rule_id", SAMPLE)
def test_fixtures_and_edges_notice_every_mutant(rule_id: str, store: Store) -> None:
    golden = prepare(store, RULES[rule_id])
    known = equivalents(RULES[rule_id])
    chosen = list(mutants(RULES[rule_id]))[::SHARE]
    assert {mutant.kind for mutant in chosen} & {"threshold", "join"}
    alive = [mutant for mutant in chosen if (mutant.place, mutant.change) not in known and survives(store, mutant, golden)]
    assert [f"{mutant.rule.path.name}:{mutant.line}: {mutant.change}" for mutant in alive] == []
