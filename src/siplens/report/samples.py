"""The sample traces as cases: their files, their titles, and how what was found compares with what they expect."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from siplens.errors import SiplensError
from siplens.report.facts import Facts
from siplens.resources import shipped_folder

INPUTS = ("*.pcap", "*.pcapng", "*.log")
CONFIGURATIONS = ("config.yaml", "config.json")


@dataclass(frozen=True, slots=True)
class Case:
    """One sample trace, judged."""

    name: str
    title: str
    facts: Facts
    judgements: int
    """Judgements that expected.csv names."""
    differences: list[str]
    """What was found otherwise than expected.csv says; empty where all is as expected."""


def sample_cases() -> list[Path]:
    """Folders of the sample traces that hold something to ingest, in name order."""
    cases = [folder for folder in sorted(shipped_folder("sample_traces").iterdir()) if folder.is_dir() and inputs(folder)[0]]
    if not cases:
        raise SiplensError("there are no sample traces in this installation", hint="install siplens again")
    return cases


def inputs(case: Path) -> tuple[list[Path], list[Path]]:
    """Captures and logs of a case, and its configuration files."""
    found = [path for pattern in INPUTS for path in sorted(case.glob(pattern))]
    return found, [case / name for name in CONFIGURATIONS if (case / name).is_file()]


def title_of(case: Path) -> str:
    """The heading of the case's README, else its name."""
    readme = case / "README.md"
    first = readme.read_text(encoding="utf-8").partition("\n")[0] if readme.is_file() else ""
    return first.removeprefix("#").strip() or case.name.replace("_", " ")


def compare(case: Path, facts: Facts) -> Case:
    """Holds the findings against expected.csv, in the families of rules that it names.

    Calls are counted there by start, from 1; a line without one is about a peer. What passed leaves no finding.
    """
    expected_file = case / "expected.csv"
    lines: list[dict[str, str]] = []
    if expected_file.is_file():
        with expected_file.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
    families = {_family(line["rule_id"]) for line in lines}
    expected: dict[tuple[str, int], set[str]] = defaultdict(set)
    for line in lines:
        expected[line["rule_id"], int(line["call"] or 0)].add(line["status"])
    position = {call["call_no"]: number for number, call in enumerate(facts.calls, 1)}
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for group in (*facts.undecided, *facts.failures):
        for finding in group.findings if _family(group.rule_id) in families else ():
            found[group.rule_id, position.get(finding["call_no"], 0)].add(finding["status"])
    differences = []
    for rule_id, number in sorted(expected.keys() | found.keys()):
        wanted, got = expected[rule_id, number] - {"pass"}, found[rule_id, number]
        if wanted != got:
            about = f"call {number}" if number else "the peers"
            differences.append(f"{rule_id} of {about} is {_words(got)}, expected {_words(wanted)}")
    return Case(case.name, title_of(case), facts, len(lines), differences)


def _family(rule_id: str) -> str:
    return rule_id.rstrip("0123456789")


def _words(statuses: set[str]) -> str:
    return " and ".join(sorted(statuses)) or "pass"
