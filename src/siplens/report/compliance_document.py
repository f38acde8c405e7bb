"""A compliance report for programs: one JSON document, the groups as CSV, and JUnit with a case per trunk, site, peer and day."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from xml.etree import ElementTree as ET

from siplens.report.compliance import Compliance
from siplens.report.compliance_summary import compliance_summary
from siplens.report.document import HEALTH_NAMES, SOURCE_NAMES, VERSION, chosen
from siplens.report.fetch import Row
from siplens.report.text import csv_cell, visible
from siplens.report.trend import percent
from siplens.report.values import plain, words

GROUP_NAMES = (
    "scope", "name", "calls", "expected", "expected_bypassed", "expected_mediated", "expected_unseen", "not_expected",
    "direct_against_policy", "expectation_unknown", "as_expected", "otherwise", "unknown", "rate", "low", "high", "unknown_share",
)  # fmt: skip
"""Columns that scripts may rely on: new ones come behind."""
SUITES = {"all": "all calls", "trunk": "trunks", "site": "sites", "peer": "peers", "day": "days"}


def compliance_json(report: Compliance) -> str:
    """The report as JSON text."""
    return json.dumps(compliance_document(report), indent=1) + "\n"


def compliance_document(report: Compliance) -> dict[str, Any]:
    """The report as plain data."""
    document = {
        "format": "siplens-report",
        "version": VERSION,
        "kind": "compliance",
        "title": report.title,
        "made_by": f"siplens {report.version}",
        "made_at": report.made_at,
        "period": report.period.as_params(),
        "covered": report.covered.as_params(),
        "time_zone": report.period.zone,
        "summary": compliance_summary(report),
        "groups": [chosen(row, GROUP_NAMES) for row in report.groups],
        "trend": {"since": report.trend.since, "until": report.trend.until, "rows": report.trend.rows},
        "refusals": report.refusals,
        "unknown": report.unknowns,
        "findings": report.findings,
        "waivers": report.waivers,
        "rules": report.rules,
        "run": report.run,
        "configurations": report.configurations,
        "pruned_calls": report.pruned_calls,
        "capture_health": [chosen(row, HEALTH_NAMES) for row in report.health],
        "sources": [chosen(row, SOURCE_NAMES) for row in report.sources],
    }
    made: dict[str, Any] = plain(document)
    return made


def compliance_csv(report: Compliance) -> str:
    """A row per scope (all, day, trunk, site, peer) and name."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(GROUP_NAMES)
    writer.writerows([csv_cell(words(row[name])) for name in GROUP_NAMES] for row in report.groups)
    return buffer.getvalue()


def compliance_junit(report: Compliance) -> str:
    """A case fails where a call went otherwise than expected, and is skipped where no call could be judged."""
    root = ET.Element("testsuites", name=visible(report.title))
    for scope, title in SUITES.items():
        groups = report.of(scope)
        if not groups:
            continue
        suite = ET.SubElement(root, "testsuite", name=title, timestamp=f"{report.made_at:%Y-%m-%dT%H:%M:%S}")
        for group in groups:
            case = ET.SubElement(suite, "testcase", classname=f"siplens.compliance.{scope}", name=visible(str(group["name"])), time="0")
            if group["otherwise"]:
                ET.SubElement(case, "failure", type="bypass", message=_line(group))
            elif not group["as_expected"]:
                ET.SubElement(case, "skipped", message=f"none of {group['calls']:,} calls could be judged")
        _count(suite)
    _count(root)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _line(group: Row) -> str:
    decided = group["as_expected"] + group["otherwise"]
    return (
        f"{group['otherwise']:,} of {decided:,} calls went otherwise than expected ({percent(group['rate'])} as expected); "
        f"{group['unknown']:,} could not be judged"
    )


def _count(element: ET.Element) -> None:
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    element.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    element.set("errors", "0")
    element.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
