"""Findings as CSV: one row each, columns that stay, nothing that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import io

from siplens.report.facts import evidence_text
from siplens.report.judgements import Judgements
from siplens.report.text import csv_cell
from siplens.report.values import words

COLUMNS = (
    "rule_id",
    "severity",
    "status",
    "title",
    "subject",
    "subject_id",
    "call_no",
    "call_started",
    "caller",
    "called",
    "peer",
    "reason",
    "evidence",
    "evidence_sha256",
    "waived",
    "waive_reason",
    "first_seen",
    "last_seen",
    "finding_id",
    "fingerprint",
)
"""Columns that scripts may rely on: new ones come behind."""


def findings_csv(judged: Judgements) -> str:
    """All findings, failures before what could not be decided. Pieces of evidence are parted by semicolons."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for finding in judged.findings:
        row = finding | {
            "title": judged.title_of(finding["rule_id"]),
            "call_started": finding["started_ts"],
            "evidence": "; ".join(evidence_text(piece) for piece in finding["evidence"]),
            "evidence_sha256": " ".join(dict.fromkeys(piece["sha256"] for piece in finding["evidence"] if piece["sha256"])),
            "waived": judged.is_waived(finding),
        }
        writer.writerow([csv_cell(words(row[name])) for name in COLUMNS])
    return buffer.getvalue()
