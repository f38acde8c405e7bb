"""Values for a rule's $parameters: the header's, or the user's where they have the same type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from siplens.errors import RuleError
from siplens.rules.header import did_you_mean
from siplens.rules.rule import Param, Rule

Overrides = Mapping[str, Mapping[str, Param]]
"""Rule id → parameter → value, as in the [rules.EDL002] tables of siplens.toml."""


def with_overrides(rules: Sequence[Rule], overrides: Overrides) -> list[Rule]:
    """The rules with the user's values in place of their own. Give all rules: an id not among them is an error."""
    known = [rule.id for rule in rules]
    for rule_id in overrides:
        if rule_id not in known:
            raise RuleError(f"settings for rule {rule_id}: there is no such rule", did_you_mean(rule_id, known))
    return [changed(rule, overrides.get(rule.id, {})) for rule in rules]


def changed(rule: Rule, values: Mapping[str, Param]) -> Rule:
    """The rule with some parameters changed. Raises RuleError for one it does not have, or a value of another type."""
    for name, value in values.items():
        if name not in rule.params:
            has = f"it has {', '.join(rule.params)}" if rule.params else "it has none"
            raise RuleError(f"rule {rule.id} has no parameter {name}", did_you_mean(name, rule.params) or has)
        default = rule.params[name]
        if not _same_type(default, value):
            raise RuleError(
                f"rule {rule.id}: parameter {name} must be {_type_words(default)}, not {value!r}",
                f"its default is {default!r}",
            )
    return replace(rule, params={**rule.params, **values}) if values else rule


def binding(rule: Rule, used: Iterable[str]) -> dict[str, Param]:
    """Values for the parameters that the SQL uses. Raises RuleError for one that the header does not declare."""
    values: dict[str, Param] = {}
    for name in sorted(used):
        if name not in rule.params:
            line = next((number for number, line in enumerate(rule.sql.split("\n"), 1) if f"${name}" in line), 1)
            hint = did_you_mean(name, rule.params) or f"add [params] with {name} = … to the header"
            raise RuleError(f"{rule.path}:{line}: the SQL uses ${name}, which [params] does not declare", hint)
        values[name] = rule.params[name]
    return values


def _same_type(default: Param, value: object) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, int | float)
    if isinstance(default, list):
        return isinstance(value, list) and all(type(item) is type(default[0]) for item in value)
    return isinstance(value, type(default))


def _type_words(default: Param) -> str:
    if isinstance(default, list):
        return f"a list of {'texts' if isinstance(default[0], str) else 'whole numbers'}"
    return {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}[type(default)]
