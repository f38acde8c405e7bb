"""A report as one JSON document, for programs. Its schema is schemas/report.schema.json: `siplens schema report` prints it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from siplens.report.facts import Facts
from siplens.report.fetch import Row
from siplens.report.judgements import Judgements, judgements_of_report
from siplens.report.rules import rule_row
from siplens.report.summary import summary
from siplens.report.values import plain

VERSION = 1
"""Rises when something in the document is taken away or changes its meaning; what is added leaves it as it is."""
_SCHEMA = Path(__file__).with_name("schemas") / "report.schema.json"
_FINDING = (
    "finding_id", "fingerprint", "rule_id", "severity", "status", "subject", "subject_id", "call_no", "peer", "reason",
    "first_seen", "last_seen", "waived_until", "waive_reason",
)  # fmt: skip
_EVIDENCE = ("file", "sha256", "frame", "line", "note")
SOURCE_NAMES = (
    "file", "kind", "format", "label", "sha256", "size_bytes", "first_ts", "last_ts", "packets", "messages", "flows", "engine",
    "tool_version", "clock_offset_ms",
)  # fmt: skip
HEALTH_NAMES = ("file", "check_name", "amount", "frame", "line", "detail")


def schema_text() -> str:
    """The JSON Schema of the document (draft 2020-12)."""
    return _SCHEMA.read_text(encoding="utf-8")


def incident_json(facts: Facts) -> str:
    """An incident report as JSON text."""
    return json.dumps(incident_document(facts), indent=1) + "\n"


def incident_document(facts: Facts) -> dict[str, Any]:
    """An incident report as plain data: all findings, and the calls that the report lists."""
    judged = judgements_of_report(facts)
    document = {
        "format": "siplens-report",
        "version": VERSION,
        "kind": "incident",
        "title": facts.title,
        "made_by": f"siplens {facts.version}",
        "made_at": facts.made_at,
        "period": facts.period.as_params(),
        "summary": summary(facts),
        "figures": facts.figures,
        "bypass": facts.matrix,
        "findings": [finding_object(judged, finding) for finding in judged.findings],
        "rules": rules_listed(judged),
        "calls_total": facts.figures["calls"],
        "calls": facts.calls,
        "peers": facts.peers,
        "bypass_ground_truth": facts.ground_truth,
        "calls_undecided": facts.unknowns,
        "capture_health": [chosen(row, HEALTH_NAMES) for row in facts.health],
        "sources": [chosen(row, SOURCE_NAMES) for row in facts.sources],
        "configurations": facts.snapshots,
    }
    made: dict[str, Any] = plain(document)
    return made


def finding_object(judged: Judgements, finding: Row) -> dict[str, Any]:
    """One finding with its evidence."""
    return chosen(finding, _FINDING) | {
        "waived": judged.is_waived(finding),
        "call_started": finding["started_ts"],
        "caller": finding["caller"],
        "called": finding["called"],
        "evidence": [chosen(piece, _EVIDENCE) for piece in finding["evidence"]],
    }


def rules_listed(judged: Judgements) -> list[dict[str, Any]]:
    """Rules that judged: documentation, version, and how many subjects passed, failed or could not be decided."""
    listed = []
    for count in judged.counts:
        rule = judged.rules[count["rule_id"]]
        told = {name: value for name, value in rule_row(rule).items() if name != "sql"}
        counts = {name: count[name] for name in ("passed", "failed", "unknown")}
        listed.append(told | {"version": count["digest"]} | counts)
    return listed


def chosen(row: Row, names: tuple[str, ...]) -> dict[str, Any]:
    """The values of a row under these names; None for those that it lacks."""
    return {name: row.get(name) for name in names}
