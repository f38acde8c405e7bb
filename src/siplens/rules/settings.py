"""What siplens.toml says about rules: folders with rules of the team's own, and parameters."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from siplens.errors import ConfigurationError
from siplens.rules.load import load_rules
from siplens.rules.params import with_overrides
from siplens.rules.rule import Rule
from siplens.settings import Settings, find_settings


def load_own_rules(folders: Iterable[Path] = (), settings: Settings | None = None) -> list[Rule]:
    """All rules: shipped, in the folders of siplens.toml and in `folders`, with the parameters that siplens.toml sets.

    settings: those found, if none are given. Raises RuleError or ConfigurationError naming file and line.
    """
    found = settings or find_settings()
    rules = load_rules(list(dict.fromkeys([*rule_folders(found), *folders])))
    overrides = {name: dict(found.table("rules", name).values) for name in found.names("rules")}
    return with_overrides(rules, overrides)


def rule_folders(settings: Settings) -> list[Path]:
    """Folders of rules that siplens.toml names, from its own folder."""
    names = settings.values.get("rule_folders", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigurationError(f"{settings.path}: rule_folders must be a list of folders", 'write rule_folders = ["rules"]')
    return [settings.folder / name for name in names]
