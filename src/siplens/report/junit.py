"""Findings as JUnit XML, which every CI server shows: a suite per rule, a case per peer (or trunk, source …), and one for the rest.

A case fails where something failed at or above a severity and is not waived; it is skipped where nothing could be decided. Failures
that are waived or less severe are in the case's output.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from siplens.report.facts import evidence_text
from siplens.report.fetch import Row
from siplens.report.judgements import Judgements, about
from siplens.report.text import visible
from siplens.rules import Severity

MOST_WRITTEN = 50
"""Findings of one case that are written out."""


def junit(judged: Judgements, threshold: Severity | None) -> str:
    """The report as XML; `threshold` None: nothing fails."""
    grouped: dict[str, dict[str, list[Row]]] = {count["rule_id"]: {} for count in judged.counts}
    for finding in judged.findings:
        grouped.setdefault(finding["rule_id"], {}).setdefault(_case_of(finding), []).append(finding)
    passed = {count["rule_id"]: count["passed"] for count in judged.counts}
    root = ET.Element("testsuites", name=visible(judged.title))
    for rule_id, cases in grouped.items():
        suite = ET.SubElement(root, "testsuite", name=f"{rule_id} {visible(judged.title_of(rule_id))}")
        suite.set("timestamp", f"{judged.made_at:%Y-%m-%dT%H:%M:%S}")
        for name, findings in cases.items():
            _judge(judged, _case(suite, rule_id, name), findings, threshold)
        if passed.get(rule_id) or not cases:
            rest = _case(suite, rule_id, _rest_words(passed.get(rule_id, 0), bool(cases)))
            if not passed.get(rule_id):
                ET.SubElement(rest, "skipped", message="nothing of the kind was seen")
        _count(suite, [suite])
    _count(root, list(root))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case_of(finding: Row) -> str:
    if finding["peer"]:
        return f"peer {finding['peer']}"
    return f"{finding['subject']} {finding['subject_id']}" if finding["call_no"] is None else "peer not known"


def _rest_words(passed: int, others: bool) -> str:
    if not passed:
        return "nothing to judge"
    return f"{'the other ' if others else ''}{passed:,} judged: passed"


def _case(suite: ET.Element, rule_id: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=f"siplens.{rule_id}", name=visible(name), time="0")


def _judge(judged: Judgements, case: ET.Element, findings: list[Row], threshold: Severity | None) -> None:
    failed = [finding for finding in findings if finding["status"] == "fail"]
    counting = [row for row in failed if threshold and not judged.is_waived(row) and Severity(row["severity"]) >= threshold]
    if counting:
        more = f" (and {len(counting) - 1:,} more)" if len(counting) > 1 else ""
        told = ET.SubElement(case, "failure", type=counting[0]["severity"], message=visible(_line(counting[0]) + more))
        told.text = _written(counting)
    elif not failed:
        more = f" (and {len(findings) - 1:,} more)" if len(findings) > 1 else ""
        ET.SubElement(case, "skipped", message=visible(f"could not be decided: {findings[0]['reason']}{more}"))
    others = [row for row in failed if row not in counting]
    if others:
        ET.SubElement(case, "system-out").text = _written(others, judged)


def _line(finding: Row) -> str:
    return f"{about(finding)}: {finding['reason']}"


def _written(findings: list[Row], judged: Judgements | None = None) -> str:
    """Findings with their evidence, as text; with `judged`, why each is no failure."""
    lines = []
    for finding in findings[:MOST_WRITTEN]:
        mark = f"{'waived' if judged.is_waived(finding) else finding['severity']}: " if judged else ""
        lines.append(visible(mark + _line(finding)))
        lines += [f"  {visible(evidence_text(piece))}" for piece in finding["evidence"]]
    if len(findings) > MOST_WRITTEN:
        lines.append(f"and {len(findings) - MOST_WRITTEN:,} more")
    return "\n".join(lines)


def _count(element: ET.Element, suites: list[ET.Element]) -> None:
    cases = [case for suite in suites for case in suite.iter("testcase")]
    element.set("tests", str(len(cases)))
    element.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    element.set("errors", "0")
    element.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
