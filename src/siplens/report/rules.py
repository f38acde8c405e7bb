"""A rule's documentation as Markdown and as plain data; its sections come from siplens.rules."""

from __future__ import annotations

from typing import Any

from siplens.report.text import markdown_cell
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
    for section in documentation(rule):
        lines += [f"## {section.heading}", ""]
        for number, text in enumerate(section.lines, 1):
            mark = {"text": "", "list": "- ", "steps": f"{number}. "}[section.form]
            lines.append(mark + markdown_cell(text))
        lines.append("")
    lines += ["## SQL", "", "````sql", rule.sql.strip(), "````", ""]
    return "\n".join(lines)
