"""Edges of a rule: a fixture with a row or two changed, and the verdicts that the change makes others.

tests/rules/<ID>/edges.yaml lists them; each says what it shows, which fixture it starts from, and what is changed in it:

    - edge: the CANCEL comes 501 ms after the last To tag
      of: fires
      change:
        - {in: leg, where: {leg_id: 100}, set: {cancel_ts: "10:00:03.501"}}      # also: drop: true; add: {column: value, …}

`where` takes every row with these values; without it, all rows of the table. `add` with `where` copies those rows, with these
values, `times` over. edges.csv beside it holds, per edge, the rows that differ from the fixture's own; `none` is the status of a
subject no longer judged.

    python tests/rules/edges.py EDL002        writes edges.csv anew: read it before you keep it
"""

from __future__ import annotations

import copy
import csv
import sys
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from siplens.rules import Rule, load_rules, select_rules
from siplens.rules.fixture import COLUMNS, Rows, Verdict, expected, fixture_store, judge_fixture, read
from siplens.store import Store

HERE = Path(__file__).resolve().parent


class Edge(NamedTuple):
    """One changed fixture."""

    name: str
    fixture: Path
    change: list[dict[str, Any]]

    def rows(self) -> Rows:
        """The rows of the fixture, changed. Raises ValueError for a change that finds no row: it would show nothing."""
        rows = copy.deepcopy(read(self.fixture))
        for step in self.change:
            _change(rows, step, self.name)
        return rows


def edges(folder: Path) -> list[Edge]:
    """The edges of the rule whose fixtures lie in `folder`; none where it has no edges.yaml."""
    path = folder / "edges.yaml"
    listed = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else []
    return [Edge(entry["edge"], folder / f"{entry['of']}.yaml", entry["change"]) for entry in listed]


def judge_edge(store: Store, rule: Rule, edge: Edge) -> list[Verdict]:
    """The verdicts that are not those of the fixture; `none` where one is missing."""
    return differing(judge_fixture(store, rule, edge.rows()), expected(edge.fixture))


def differing(found: list[Verdict], usual: list[Verdict]) -> list[Verdict]:
    """Verdicts of `found` that `usual` does not hold, and subjects that only `usual` holds."""
    judged = {verdict.subject_id for verdict in found}
    gone = [Verdict(verdict.subject_id, "none", "", "") for verdict in usual if verdict.subject_id not in judged]
    return [*(verdict for verdict in found if verdict not in usual), *gone]


def expected_edges(folder: Path) -> dict[str, list[Verdict]]:
    """Edge → the verdicts it must bring, from edges.csv."""
    wanted: dict[str, list[Verdict]] = {edge.name: [] for edge in edges(folder)}
    with (folder / "edges.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            wanted[row["edge"]].append(Verdict(*(row[name] for name in COLUMNS)))
    return wanted


def _change(rows: Rows, step: dict[str, Any], edge: str) -> None:
    table, where = step["in"], step.get("where", {})
    listed = rows.setdefault(table, [])
    chosen = [row for row in listed if all(row.get(column) == value for column, value in where.items())]
    if not chosen and ("add" not in step or where):
        raise ValueError(f"edge '{edge}': no row of {table} has {where}")
    if step.get("drop"):
        rows[table] = [row for row in listed if row not in chosen]
    for row in chosen:
        row.update(step.get("set", {}))
    if "add" in step:
        listed += ([{**row, **step["add"]} for row in chosen] if where else [step["add"]]) * step.get("times", 1)


def main() -> None:
    """Writes edges.csv of the rules named, or of all that have edges."""
    with fixture_store() as store:
        for rule in select_rules(load_rules(), sys.argv[1:]):
            folder = HERE / rule.id
            if listed := edges(folder):
                with (folder / "edges.csv").open("w", encoding="utf-8", newline="") as file:
                    writer = csv.writer(file, lineterminator="\n")
                    writer.writerow(("edge", *COLUMNS))
                    writer.writerows((edge.name, *verdict) for edge in listed for verdict in judge_edge(store, rule, edge))


if __name__ == "__main__":
    main()
