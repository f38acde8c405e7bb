"""The TOML header of a rule file: read and checked, so that a mistake is named with its line and what was meant."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from siplens.errors import RuleError
from siplens.rules.rule import Param, Rule, RuleStatus, Severity

REQUIRED = ("id", "title", "severity", "subject", "meaning")
TEXTS = ("id", "title", "severity", "status", "subject", "meaning", "impact")
LISTS = ("causes", "confirm", "fix", "falsepositives", "references")
KEYS = (*TEXTS, *LISTS, "params")
ID_FORM = re.compile(r"[A-Z]{2,8}[0-9]{3,4}")

_FILE_FORM = re.compile(r"(?P<id>[A-Z]{2,8}[0-9]{3,4})_[a-z0-9_]+\.sql")
_EMPTY_EXAMPLE = 'begin the file with /* id = "ABC001" title = … */; siplens rules show BYP001 prints a complete one'
_Choice = TypeVar("_Choice", bound=StrEnum)


def parse_rule(path: Path, text: str) -> Rule:
    """The rule in a file's text. Raises RuleError naming file, line and key."""
    header = _toml(path, text)
    _check_keys(path, text, header)
    values: dict[str, Any] = {key: " ".join(header[key].split()) for key in TEXTS if key in header}
    values |= {key: tuple(" ".join(item.split()) for item in header[key]) for key in LISTS if key in header}
    values["severity"] = _choice(path, text, "severity", values["severity"], Severity)
    values["status"] = _choice(path, text, "status", values.get("status", "experimental"), RuleStatus)
    values["params"] = _params(path, text, header.get("params", {}))
    _check_id(path, text, values["id"])
    return Rule(**values, path=path, sql=text)


def did_you_mean(wrong: str, known: Iterable[str]) -> str | None:
    """A hint with the nearest known words, or None where nothing is near."""
    near = get_close_matches(wrong, list(known), n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else None


def _toml(path: Path, text: str) -> dict[str, Any]:
    end = text.find("*/")
    if not text.startswith("/*") or end < 0:
        raise RuleError(f"{path}:1: a rule file begins with a comment that holds its header in TOML", _EMPTY_EXAMPLE)
    try:
        header = tomllib.loads(text[2:end])  # the comment opens on line 1, so TOML's line numbers are the file's
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+), column (\d+)", str(error))
        line = int(place[1]) if place else text.count("\n", 0, end) + 1
        raise RuleError(f"{path}:{line}: the header is not TOML: {error}", "strings stand in double quotes; lists in [ ]") from error
    if not header:
        raise RuleError(f"{path}:1: the header is empty", _EMPTY_EXAMPLE)
    return header


def _check_keys(path: Path, text: str, header: dict[str, Any]) -> None:
    for key, value in header.items():
        where = f"{path}:{_line_of(text, key)}"
        if key not in KEYS:
            raise RuleError(f"{where}: unknown key {key}", did_you_mean(key, KEYS) or f"known are {', '.join(KEYS)}")
        if key in TEXTS and not (isinstance(value, str) and value.strip()):
            raise RuleError(f"{where}: {key} must be a text that is not empty", f'write {key} = "…"')
        if key in LISTS and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            raise RuleError(f"{where}: {key} must be a list of texts", f'write {key} = ["…", "…"]')
    missing = [key for key in REQUIRED if key not in header]
    if missing:
        raise RuleError(f"{path}:1: the header lacks {', '.join(missing)}", f"every rule has {', '.join(REQUIRED)}")


def _check_id(path: Path, text: str, rule_id: str) -> None:
    where = f"{path}:{_line_of(text, 'id')}"
    if not ID_FORM.fullmatch(rule_id):
        raise RuleError(f"{where}: id {rule_id} is not capital letters and three digits", "such as EDL002")
    named = _FILE_FORM.fullmatch(path.name)
    if not named:
        raise RuleError(
            f"{path}: a rule file is named ID_what_it_finds.sql",
            f"rename it to {rule_id}_….sql, in lower case after the id",
        )
    if named["id"] != rule_id:
        raise RuleError(f"{where}: id {rule_id} does not match the file name", f'rename the file, or write id = "{named["id"]}"')


def _params(path: Path, text: str, params: Any) -> dict[str, Param]:
    if not isinstance(params, dict):
        raise RuleError(
            f"{path}:{_line_of(text, 'params')}: params must be a table",
            "write [params] on a line of its own, then name = value lines",
        )
    for name, value in params.items():
        plain = isinstance(value, int | float | str)
        listed = isinstance(value, list) and bool(value) and all(type(item) is type(value[0]) for item in value)
        if not plain and not (listed and type(value[0]) in (int, str)):
            where = f"{path}:{_line_of(text, name)}"
            raise RuleError(
                f"{where}: parameter {name} has a value of a kind that a rule cannot use",
                "give a number, a text, true or false, or a list of texts or of whole numbers",
            )
    return params


def _choice(path: Path, text: str, key: str, word: str, choices: type[_Choice]) -> _Choice:
    words = [choice.value for choice in choices]
    if word not in words:
        where = f"{path}:{_line_of(text, key)}"
        raise RuleError(f"{where}: {key} {word} is not one of {', '.join(words)}", did_you_mean(word, words))
    return choices(word)


def _line_of(text: str, key: str) -> int:
    """Line of the file, from 1, where the header sets `key`; 1 where it cannot be found."""
    found = re.search(rf"^(?:/\*)?\s*(?:\[\s*)?[\"']?{re.escape(key)}[\"']?\s*[=\]]", text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 1 if found else 1
