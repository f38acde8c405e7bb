"""Mutants of the rules' SQL: one comparison, number, join, status or condition changed at a time. A fixture must notice each.

    python tests/rules/mutate.py                 every mutant of every rule; prints those that survive, and the score
    python tests/rules/mutate.py EDL002 DMR      of these rules and families
    python tests/rules/mutate.py --share 10      every tenth, as the test does

A mutant is dead when one of the rule's fixtures gives other rows than its golden ones, or when DuckDB refuses the SQL.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import duckdb

from siplens.errors import RuleError
from siplens.rules import Rule, load_rules, select_rules
from siplens.rules.fixture import COLUMNS, KINDS, empty, expected, fill, fixture_store
from siplens.rules.params import binding
from siplens.store import Store

HERE = Path(__file__).resolve().parent
SWAPS: tuple[tuple[str, str], ...] = (
    (r"(?<![<>!=])<=(?!=)", "<"),
    (r"(?<![<>!=])>=(?!=)", ">"),
    (r"(?<![<>=!-])<(?![=>])", "<="),
    (r"(?<![<>=-])>(?![=>])", ">="),
    (r"<>", "="),
    (r"(?<![<>=!:])=(?![=>])", "<>"),
    (r"\bleft join\b", "inner join"),
    (r"\binner join\b", "left join"),
    (r"\banti join\b", "semi join"),
    (r"\bsemi join\b", "anti join"),
    (r"\bis not null\b", "is null"),
    (r"\bis null\b", "is not null"),
    (r"'fail'", "'pass'"),
    (r"'pass'", "'fail'"),
    (r"'unknown'", "'pass'"),
    (r"\band\b", "or"),
    (r"\bor\b", "and"),
    (r"\bnot\b(?! null| between| in)", ""),
    (r"\bmin\(", "max("),
    (r"\bmax\(", "min("),
    (r"\barg_min\(", "arg_max("),
    (r"\barg_max\(", "arg_min("),
    (r"\bunion all\b", "except"),
    (r"(?<![\w.$'])(\d+)(?![\w.'])", "#"),
)
"""What is looked for in the SQL, and what is put in its place; # is the number plus one."""


class Mutant(NamedTuple):
    """One changed rule."""

    rule: Rule
    line: int
    change: str


def mutants(rule: Rule) -> Iterator[Mutant]:
    """All mutants of a rule's SQL and of its numeric parameters. Header, comments, words, evidence and reasons stay as they are."""
    start = rule.sql.index("*/")
    shielded = _shielded(rule.sql)
    for pattern, other in SWAPS:
        for found in re.finditer(pattern, rule.sql[start:]):
            begin, end = found.start() + start, found.end() + start
            if any(shielded[begin:end]):
                continue
            new = str(int(found[0]) + 1) if other == "#" else other
            sql = rule.sql[:begin] + new + rule.sql[end:]
            yield Mutant(replace(rule, sql=sql), rule.sql.count("\n", 0, begin) + 1, f"{found[0]} → {new or 'nothing'}")
    for name, value in rule.params.items():
        for changed in _other_values(value):
            yield Mutant(replace(rule, params={**rule.params, name: changed}), 1, f"{name} = {value} → {changed}")


def survives(store: Store, mutant: Mutant, fixtures: dict[str, list[tuple[str, ...]]]) -> bool:
    """Whether no fixture notices the mutant. The fixtures' rows are in schemas of their own, named after them."""
    try:
        values = binding(mutant.rule, duckdb.extract_statements(mutant.rule.sql)[0].named_parameters)
        for kind, golden in fixtures.items():
            store.con.execute(f"USE memory.{kind}")
            rows = store.con.execute(f"select {', '.join(COLUMNS)} from ({_bare(mutant.rule.sql)}) order by subject_id", values).fetchall()
            if [tuple("" if value is None else str(value) for value in row) for row in rows] != golden:
                return False
    except (duckdb.Error, RuleError):
        return False
    finally:
        store.con.execute("USE memory.main")
    return True


def prepare(store: Store, rule: Rule) -> dict[str, list[tuple[str, ...]]]:
    """Copies each fixture's filled tables into a schema of its own; returns the golden rows by fixture."""
    golden = {}
    for kind in KINDS:
        store.con.execute(f"DROP SCHEMA IF EXISTS {kind} CASCADE")
        store.con.execute(f"CREATE SCHEMA {kind}")
        fixture = HERE / rule.id / f"{kind}.yaml"
        empty(store)
        fill(store, fixture)
        for (name,) in store.query("select table_name from duckdb_tables() where schema_name = 'main'").rows:
            if re.search(rf"\b{name}\b", rule.sql):
                store.con.execute(f'CREATE TABLE {kind}."{name}" AS SELECT * FROM main."{name}"')
        golden[kind] = [tuple(verdict) for verdict in expected(fixture)]
    empty(store)
    return golden


def _bare(sql: str) -> str:
    return re.sub(r"--[^\n]*", "", sql[sql.index("*/") + 2 :]).strip().rstrip(";")


def _shielded(sql: str) -> list[bool]:
    """True at each character that no mutant touches: comments, texts (but verdicts), and the words and proof at the end of a rule."""
    marks = [False] * len(sql)

    def shield(begin: int, end: int) -> None:
        marks[begin:end] = [True] * (end - begin)

    start = sql.index("*/")
    shield(0, start)
    for found in re.compile(r"--[^\n]*|'(?:[^']|'')*'").finditer(sql, start):
        if found[0] not in ("'fail'", "'pass'", "'unknown'"):
            shield(found.start(), found.end())
    last_select = sql.rfind("\nselect")
    words = re.search(r"\n    (?:case|concat|coalesce|format|else|judged\.answers)\b", sql[last_select:])
    reason = sql.find(" as reason", last_select)
    status = max((sql.find(end, last_select) for end in ("end as status", "    status,", ".status,", "'unknown' as status")), default=-1)
    if words and 0 <= status < reason:
        shield(status, reason)
    evidence = sql.find(" as evidence", reason)
    if 0 <= reason < evidence:
        shield(reason, evidence)
    for found in re.finditer(r"\n(?:shown|proof|seen) as \(.*?\n\)", sql, re.DOTALL):
        if "'note'" in found[0]:
            shield(found.start(), found.end())
    for found in re.finditer(r"list\(\{.*?as evidence|\[\{.*?as (?:\w*)evidence", sql, re.DOTALL):
        shield(found.start(), found.end())
    return marks


def _other_values(value: object) -> list[object]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [value[1:]] if isinstance(value, list) and len(value) > 1 else []
    small = value / 20 if isinstance(value, float) else 1
    return [value + small, value - small]


def main() -> int:
    """Runs mutants, prints survivors and the score of each rule. Exit status 1 where one survives."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rules", nargs="*")
    parser.add_argument("--share", type=int, default=1, help="only every so many mutants")
    options = parser.parse_args()
    made = survived = 0
    with fixture_store() as store:
        for rule in select_rules(load_rules(), options.rules):
            golden = prepare(store, rule)
            listed = list(mutants(rule))[:: options.share]
            alive = [mutant for mutant in listed if survives(store, mutant, golden)]
            made, survived = made + len(listed), survived + len(alive)
            print(f"{rule.id}: {len(listed) - len(alive)} of {len(listed)} mutants die", flush=True)
            for mutant in alive:
                print(f"  survives: {rule.path.name}:{mutant.line}: {mutant.change}", flush=True)
    print(f"{made - survived} of {made} mutants die ({100 * (made - survived) / max(made, 1):.1f} %)")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
