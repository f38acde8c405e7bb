"""A rule's documentation as Markdown and as plain data; its sections come from siplens.rules."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from siplens.report.text import markdown_cell, visible
from siplens.rules import Rule, documentation


def rule_row(rule: Rule) -> dict[str, Any]:
    """The rule as plain data, SQL included."""
    return {
        "id": rule.id,
        "title": rule.title,
        "family": rule.folder,
        "severity": rule.severity.value,
        "status": rule.status.value,
        "subject": rule.subject,
        "meaning": rule.meaning,
        "impact": rule.impact,
        "causes": list(rule.causes),
        "confirm": list(rule.confirm),
        "fix": list(rule.fix),
        "falsepositives": list(rule.falsepositives),
        "references": list(rule.references),
        "params": dict(rule.params),
        "sql": rule.sql,
    }


def rule_markdown(rule: Rule) -> str:
    """The rule's documentation as Markdown."""
    lines = [f"# {rule.id}: {markdown_cell(rule.title)}", ""]
    lines += [f"Severity {rule.severity.value}; {rule.status.value}; judges each {markdown_cell(rule.subject)}.", ""]
    lines += [
        rule_markdown_sections(rule),
        "## SQL",
        "",
        "````sql",
        visible(rule.sql.strip(), keep="\n\t").replace("````", "`` ``"),
        "````",
        "",
    ]
    return "\n".join(lines)


def rule_markdown_sections(rule: Rule) -> str:
    """What the rule's documentation says, section by section, as Markdown."""
    lines = []
    for section in documentation(rule):
        lines += [f"## {section.heading}", ""]
        for number, text in enumerate(section.lines, 1):
            mark = {"text": "", "list": "- ", "steps": f"{number}. "}[section.form]
            lines.append(mark + markdown_cell(text))
        lines.append("")
    return "\n".join(lines)


FAMILIES = {
    "BYP": "Bypass: expected and observed",
    "CAP": "Captures and logs: what they could not show",
    "CFG": "Configuration: settings that contradict each other or the network",
    "DMR": "Direct media refused",
    "EDL": "Early dialogs",
    "MED": "Media quality",
    "SIG": "Signalling",
}


def catalogue_markdown(rules: Iterable[Rule]) -> str:
    """All rules as one page: a table on top, then each rule's documentation."""
    listed = list(rules)
    lines = [
        "# The rules",
        "",
        "Written by `siplens docs rules` from the headers of the rule files. Each rule judges in three values: pass, fail, unknown; every",
        "finding leads to frames or lines. Parameters are changed in `siplens.toml`, in a table named after the rule: `[rules.EDL002]`.",
        "",
        "| rule | judges each | severity | title |",
        "|---|---|---|---|",
    ]
    for rule in listed:
        anchor = f"[{rule.id}](#{rule.id.lower()})"
        lines.append(f"| {anchor} | {markdown_cell(rule.subject)} | {rule.severity.value} | {markdown_cell(rule.title)} |")
    for family, members in groupby(listed, key=lambda rule: rule.family):
        lines += ["", f"## {family}: {FAMILIES.get(family, 'your own')}"]
        for rule in members:
            lines += ["", f"### {rule.id}", "", f"**{markdown_cell(rule.title)}**", ""]
            lines.append(f"Severity {rule.severity.value}; {rule.status.value}; judges each {markdown_cell(rule.subject)}.")
            for section in documentation(rule):
                lines += ["", f"*{section.heading}*", ""]
                for number, text in enumerate(section.lines, 1):
                    mark = {"text": "", "list": "- ", "steps": f"{number}. "}[section.form]
                    lines.append(mark + markdown_cell(text))
    return "\n".join(lines) + "\n"
