"""Finds rule files by scanning folders, and picks from them by name. No list of rules exists anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from siplens.errors import RuleError
from siplens.rules.header import did_you_mean, parse_rule
from siplens.rules.rule import Rule, RuleStatus

SHIPPED = Path(__file__).resolve().parent
"""Folder whose subfolders are the families of shipped rules. The .sql files beside the modules are the engine's own."""


def load_rules(folders: Iterable[Path] = ()) -> list[Rule]:
    """All shipped rules and those in `folders` (at any depth, apart from folders named tests), in order of id.

    Raises RuleError for a file that is no rule, and for an id that two files bear.
    """
    by_id: dict[str, Rule] = {}
    for path in _rule_files(folders):
        rule = _read(path)
        if rule.id in by_id:
            raise RuleError(
                f"{path}: id {rule.id} is taken by {by_id[rule.id].path}",
                "give one of the two another id, and rename its file",
            )
        by_id[rule.id] = rule
    return [by_id[key] for key in sorted(by_id)]


def select_rules(rules: Sequence[Rule], names: Iterable[str] = ()) -> list[Rule]:
    """The rules that `names` name: ids (EDL002), families (EDL) or folders (early_dialogs), in any case.

    Without names: all but deprecated ones. Raises RuleError for a name that names none.
    """
    wanted = list(names)
    if not wanted:
        return [rule for rule in rules if rule.status is not RuleStatus.deprecated]
    chosen: set[str] = set()
    for name in wanted:
        named = {rule.id for rule in rules if name.upper() in (rule.id, rule.family) or name.lower() == rule.folder.lower()}
        if not named:
            known = [word for rule in rules for word in (rule.id, rule.family, rule.folder)]
            hint = did_you_mean(name.upper(), known) or did_you_mean(name.lower(), known)
            raise RuleError(f"there is no rule or family {name}", hint or "siplens rules list prints all")
        chosen |= named
    return [rule for rule in rules if rule.id in chosen]


def _rule_files(folders: Iterable[Path]) -> Iterator[Path]:
    yield from sorted(SHIPPED.glob("*/*.sql"))
    for folder in folders:
        if not folder.is_dir():
            raise RuleError(f"{folder}: there is no such folder of rules", "name a folder that holds ID_name.sql files")
        yield from sorted(path for path in folder.rglob("*.sql") if "tests" not in path.relative_to(folder).parts)


def _read(path: Path) -> Rule:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: the rule file cannot be read: {error}", "it must be text in UTF-8") from error
    return parse_rule(path, text.replace("\r\n", "\n"))
