"""Mutants of the rules' SQL: one comparison, number, join, status or condition changed at a time. A fixture or an edge must notice each.

    python tests/rules/mutate.py                 every mutant of every rule; prints those that survive, and the score
    python tests/rules/mutate.py EDL002 DMR      of these rules and families
    python tests/rules/mutate.py --share 10      every tenth, as the test does

A mutant is dead when one of the rule's fixtures or edges gives other rows than its golden ones, or when DuckDB refuses the SQL. Those
that can change no result are listed in equivalent.yaml, each with the reason; one that is listed there and dies is an error.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import duckdb
import yaml

from siplens.errors import RuleError
from siplens.rules import Rule, load_rules, select_rules
from siplens.rules.fixture import KINDS, Rows, Verdict, empty, expected, fill, fixture_store, places
from siplens.rules.params import binding
from siplens.store import Store

sys.path.insert(0, str(Path(__file__).resolve().parent))

from edges import differing, edges, expected_edges

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


THRESHOLD = re.compile(r"[<>]=? →|^\d+ →|^\w+ = ")
CONDITION = re.compile(
    r"\bjoin\b.*?(?=\n\s*(?:where|group by|having|qualify|order by|left|inner|cross|anti|semi)\b|\n\)|\n\n|$)", re.DOTALL
)
Golden = dict[str, list[Verdict]]
"""Schema with the rows of a fixture or edge → the verdicts that the rule gives there."""


class Mutant(NamedTuple):
    """One changed rule."""

    rule: Rule
    line: int
    change: str
    kind: str
    """threshold: a comparison, number or parameter; join: its kind or a part of its condition; other."""

    @property
    def place(self) -> str:
        """The text of the line that was changed: what equivalent.yaml knows it by."""
        return self.rule.path.read_text(encoding="utf-8").split("\n")[self.line - 1].strip()


def mutants(rule: Rule) -> Iterator[Mutant]:
    """All mutants of a rule's SQL and of its numeric parameters. Header, comments, words, evidence and reasons stay as they are."""
    start = rule.sql.index("*/")
    shielded = _shielded(rule.sql)
    joining = _join_conditions(rule.sql)
    for pattern, other in SWAPS:
        for found in re.finditer(pattern, rule.sql[start:]):
            begin, end = found.start() + start, found.end() + start
            if any(shielded[begin:end]):
                continue
            new = str(int(found[0]) + 1) if other == "#" else other
            sql = rule.sql[:begin] + new + rule.sql[end:]
            change = f"{found[0]} → {new or 'nothing'}"
            kind = "join" if joining[begin] or "join" in change else "threshold" if THRESHOLD.search(change) else "other"
            yield Mutant(replace(rule, sql=sql), rule.sql.count("\n", 0, begin) + 1, change, kind)
    for name, value in rule.params.items():
        for changed in _other_values(value):
            yield Mutant(replace(rule, params={**rule.params, name: changed}), 1, f"{name} = {value} → {changed}", "threshold")


def survives(store: Store, mutant: Mutant, golden: Golden) -> bool:
    """Whether neither a fixture nor an edge notices the mutant."""
    try:
        return all(_verdicts(store, mutant.rule, schema) == wanted for schema, wanted in golden.items())
    except (duckdb.Error, RuleError):
        return False
    finally:
        store.con.execute("USE memory.main")


def prepare(store: Store, rule: Rule) -> Golden:
    """Puts the rows of each fixture and edge into a schema of its own; returns what the rule says there.

    Raises AssertionError where that is not what its golden rows hold: then the tests fail already, and no mutant tells anything.
    """
    golden: Golden = {}
    for kind in KINDS:
        golden[kind] = _filled(store, rule, kind, HERE / rule.id / f"{kind}.yaml")
        assert golden[kind] == expected(HERE / rule.id / f"{kind}.yaml"), f"{rule.id} {kind}: the golden rows do not hold"
    for number, edge in enumerate(edges(HERE / rule.id)):
        schema = f"edge_{number}"
        golden[schema] = _filled(store, rule, schema, edge.rows())
        found = differing(golden[schema], golden[edge.fixture.stem])
        assert found == expected_edges(HERE / rule.id)[edge.name], f"{rule.id} {edge.name}: the golden rows do not hold"
    empty(store)
    return golden


def _filled(store: Store, rule: Rule, schema: str, rows: Path | Rows) -> list[Verdict]:
    """The rule's verdicts on rows that are now in a schema."""
    store.con.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    store.con.execute(f"CREATE SCHEMA {schema}")
    empty(store)
    fill(store, rows)
    for (name,) in store.query("select table_name from duckdb_tables() where schema_name = 'main'").rows:
        if re.search(rf"\b{name}\b", rule.sql):
            store.con.execute(f'CREATE TABLE {schema}."{name}" AS SELECT * FROM main."{name}"')
    try:
        return _verdicts(store, rule, schema)
    finally:
        store.con.execute("USE memory.main")


def _verdicts(store: Store, rule: Rule, schema: str) -> list[Verdict]:
    values = binding(rule, duckdb.extract_statements(rule.sql)[0].named_parameters)
    store.con.execute(f"USE memory.{schema}")
    rows = store.con.execute(f"select subject_id, status, reason, evidence from ({_bare(rule.sql)}) order by subject_id", values).fetchall()
    return [Verdict(str(row[0]), str(row[1]), "" if row[2] is None else str(row[2]), places(row[3])) for row in rows]


def equivalents(rule: Rule) -> dict[tuple[str, str], str]:
    """(line, change) → why the mutant can change no result."""
    listed = yaml.safe_load((HERE / "equivalent.yaml").read_text(encoding="utf-8")) or []
    return {(entry["line"], entry["change"]): entry["why"] for entry in listed if rule.id in entry["rule"].split()}


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


def _join_conditions(sql: str) -> list[bool]:
    """True at each character between a join and what follows its condition."""
    marks = [False] * len(sql)
    for found in re.finditer(
        r"\bjoin\b.*?(?=\n\s*(?:where|group by|having|qualify|order by|left|inner|cross|anti|semi)\b|\n\)|\n\n|$)", sql, re.DOTALL
    ):
        marks[found.start() : found.end()] = [True] * (found.end() - found.start())
    return marks


def main() -> int:
    """Runs mutants, prints survivors and the score of each rule. Exit status 1 where one survives that is not listed as equivalent."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rules", nargs="*")
    parser.add_argument("--share", type=int, default=1, help="only every so many mutants")
    options = parser.parse_args()
    made: Counter[str] = Counter()
    alive: Counter[str] = Counter()
    equivalent: Counter[str] = Counter()
    faults = 0
    with fixture_store() as store:
        for rule in select_rules(load_rules(), options.rules):
            golden, known = prepare(store, rule), equivalents(rule)
            listed = list(mutants(rule))[:: options.share]
            lives = [mutant for mutant in listed if survives(store, mutant, golden)]
            proven = [mutant for mutant in lives if (mutant.place, mutant.change) in known]
            made += Counter(mutant.kind for mutant in listed)
            alive += Counter(mutant.kind for mutant in lives)
            equivalent += Counter(mutant.kind for mutant in proven)
            print(f"{rule.id}: {len(listed) - len(lives)} of {len(listed)} mutants die, {len(proven)} can change nothing", flush=True)
            for mutant in lives:
                if mutant not in proven:
                    print(f"  survives: {rule.path.name}:{mutant.line}: {mutant.change} ({mutant.kind})", flush=True)
            stale = set(known) - {(mutant.place, mutant.change) for mutant in lives} if options.share == 1 else set()
            for line, change in sorted(stale):
                print(f"  listed as equivalent, but there is none such, or it dies: {line}: {change}", flush=True)
            faults += len(stale)
    for kind in sorted(made):
        judged = made[kind] - equivalent[kind]
        print(
            f"{kind:9} {judged - alive[kind] + equivalent[kind]} of {judged} mutants die "
            f"({100 * (judged - alive[kind] + equivalent[kind]) / max(judged, 1):.1f} %), and {equivalent[kind]} more can change nothing"
        )
    total, kept, proven_all = made.total(), alive.total(), equivalent.total()
    print(f"{total - kept} of {total - proven_all} mutants die ({100 * (total - kept) / max(total - proven_all, 1):.1f} %)")
    return 1 if kept > proven_all or faults else 0


if __name__ == "__main__":
    sys.exit(main())
