"""Every shipped rule: complete in its header, clean in its SQL, and right on its fixtures.

A rule's fixtures lie in the folder of its id: rows of the tables it reads (fires, silent, unknown), and beside each the golden rows of
its result: subject, status, reason, places of the evidence. edges.yaml changes a row or two of them at a time: see edges.py.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlfluff
from sqlfluff.core import FluffConfig

from siplens.rules import Rule, RuleStatus, documentation, load_rules, try_rule
from siplens.rules.fixture import KINDS, expected, judge_fixture
from siplens.rules.header import LISTS, TEXTS
from siplens.store import Store

sys.path.insert(0, str(Path(__file__).resolve().parent))

from edges import edges, expected_edges, judge_edge

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
RULES = {rule.id: rule for rule in load_rules()}
FIXTURES = sorted(path for path in HERE.glob("*/*.yaml") if path.stem in KINDS)
Fill = Callable[[Path], None]


@pytest.fixture(scope="module")
def lint_config() -> FluffConfig:
    return FluffConfig.from_path(str(CHECKOUT))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_header_is_complete(rule: Rule) -> None:
    assert [key for key in (*TEXTS, *LISTS) if not getattr(rule, key)] == []
    assert rule.status is not RuleStatus.deprecated
    assert len(rule.references) >= 2
    assert documentation(rule)[0].heading == "Meaning"
    assert all(f"${name}" in rule.sql for name in rule.params), "a parameter that the SQL never uses"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_sql_is_clean(rule: Rule, lint_config: FluffConfig) -> None:
    found = sqlfluff.lint(rule.sql, config=lint_config)
    assert [f"{rule.path.name}:{fault['start_line_no']}: {fault['code']} {fault['description']}" for fault in found] == []


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule_has_fixtures_that_show_what_it_does(rule: Rule) -> None:
    statuses = {path.stem: {row["status"] for row in golden(path)} for path in FIXTURES if path.parent.name == rule.id}
    assert set(statuses) == {"fires", "silent", "unknown"}
    assert "fail" in statuses["fires"]
    assert statuses["silent"] == {"pass"}, "silent: it judges, and finds nothing"
    assert "unknown" in statuses["unknown"]
    assert "fail" not in statuses["unknown"]


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_rule_judges_its_fixture(fixture: Path, tables: Store) -> None:
    assert judge_fixture(tables, RULES[fixture.parent.name], fixture) == expected(fixture)


@pytest.mark.parametrize("rule_id", sorted({path.parent.name for path in HERE.glob("*/edges.yaml")}))
def test_rule_judges_what_lies_at_its_edges(rule_id: str, tables: Store) -> None:
    """Values at a limit and just beyond it, rows without a partner: where a slip in the rule's SQL would go unseen."""
    wanted = expected_edges(HERE / rule_id)
    found = {edge.name: judge_edge(tables, RULES[rule_id], edge) for edge in edges(HERE / rule_id)}
    assert found == wanted


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_failures_lead_to_frames_or_lines(rule: Rule, tables: Store, fill: Fill) -> None:
    """The first subject of fires.yaml has its whole evidence there: every piece names a file and a place in it."""
    fill(HERE / rule.id / "fires.yaml")
    result = try_rule(tables, rule)
    evidence = dict(zip(result.columns, result.rows[0], strict=True))["evidence"]
    assert evidence
    assert all(piece["source_id"] and (piece["frame"] or piece["line"]) and piece["note"] for piece in evidence)


def golden(fixture: Path) -> list[dict[str, str]]:
    """The rows that a fixture's rule must return."""
    with fixture.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
