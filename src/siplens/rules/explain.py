"""A rule's documentation as data: headed sections in reading order. The command line and the report print them."""

from __future__ import annotations

from typing import Literal, NamedTuple

from siplens.rules.rule import Rule


class Section(NamedTuple):
    """One headed part of a rule's documentation."""

    heading: str
    form: Literal["text", "list", "steps"]
    """text: one paragraph; list: items in no order; steps: to be numbered."""
    lines: tuple[str, ...]


def documentation(rule: Rule) -> list[Section]:
    """The sections of a rule that have something to say, in reading order."""
    parameters = tuple(f"{name} = {value!r}" for name, value in rule.params.items())
    sections = [
        Section("Meaning", "text", (rule.meaning,)),
        Section("Impact", "text", (rule.impact,) if rule.impact else ()),
        Section("Likely causes", "list", rule.causes),
        Section("Confirm", "steps", rule.confirm),
        Section("Fix", "list", rule.fix),
        Section("False positives", "list", rule.falsepositives),
        Section("Parameters", "list", parameters),
        Section("References", "list", rule.references),
    ]
    return [section for section in sections if section.lines]
