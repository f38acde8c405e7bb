"""One change of a configuration as people type it: 'trunk[gw1].EnableBypass=true', 'bypass_settings.AlwaysBypass=true'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from siplens.config.kind import Kind
from siplens.config.kinds import KINDS
from siplens.config.nodes import Scalar
from siplens.config.values import UnexpectedValueError, Value
from siplens.errors import ConfigurationError

_FORM = re.compile(r"\s*(\w+)\s*(?:\[(.*)\])?\s*\.\s*(\w+)\s*=\s*(.*?)\s*", re.DOTALL)
_HINT = "write for instance 'trunk[gw1].EnableBypass=true' or 'bypass_settings.AlwaysBypass=true'"


@dataclass(frozen=True, slots=True)
class Change:
    """A property of one object, or of all objects of a kind, that is to have another value."""

    text: str
    kind: Kind
    identity: dict[str, Value] | None
    """Identity columns of the object; None for all of the kind."""
    column: str
    value: Value
    """None takes the property away: Microsoft's default holds then."""


def read_change(text: str) -> Change:
    """Reads one change. Raises ConfigurationError in one sentence."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise ConfigurationError(f"--set {text}: expected kind[object].Property=value", _HINT)
    kind = _kind(text, found[1])
    column = _column(text, kind, found[3])
    return Change(text, kind, _identity(text, kind, found[2]), column, _value(text, kind, column, found[4]))


def _kind(text: str, word: str) -> Kind:
    names = {name: kind for kind in KINDS for name in (kind.table.name, kind.section, kind.table.name.removeprefix("network_"))}
    kind = names.get(word.lower())
    if kind is None:
        similar = get_close_matches(word.lower(), names, n=1)
        raise ConfigurationError(
            f"--set {text}: there is no kind of configuration {word}",
            f"did you mean {similar[0]}?" if similar else "known: " + ", ".join(kind.table.name for kind in KINDS),
        )
    return kind


def _column(text: str, kind: Kind, word: str) -> str:
    column = kind.names.get(word.lower())
    if column is None:
        similar = get_close_matches(word.lower(), kind.names, n=1)
        raise ConfigurationError(
            f"--set {text}: a {kind.title} has no property {word}",
            f"did you mean {kind.names[similar[0]]}?" if similar else "known: " + ", ".join(kind.readers),
        )
    return column


def _identity(text: str, kind: Kind, word: str | None) -> dict[str, Value] | None:
    if word == "*" or (word is None and not kind.identity):
        return None
    if word is None:
        if kind.identity == ("Identity",) and kind.required != kind.identity:
            return None
        raise ConfigurationError(f"--set {text}: name the {kind.title} in brackets, or * for all", _HINT)
    parts = word.rsplit("/", 1) if len(kind.identity) == 2 and "MaskBits" in kind.identity else [word]
    if len(parts) < len(kind.required) or (len(kind.identity) > 1 and len(parts) == 1):
        columns = [column for column in kind.identity if column in kind.required] or list(kind.identity)
        if len(columns) > 1:
            raise ConfigurationError(f"--set {text}: name the {kind.title} as {'/'.join(columns)}, such as 10.3.0.0/16")
    return {column: _value(text, kind, column, part) for column, part in zip(kind.identity, parts, strict=False)}


def _value(text: str, kind: Kind, column: str, word: str) -> Value:
    try:
        return kind.readers[column](Scalar(None if word.lower() in ("", "null", "none") and column != "BypassMode" else word, 1))
    except UnexpectedValueError as error:
        raise ConfigurationError(f"--set {text}: {column} of a {kind.title}: expected {error.args[0]}, found '{word}'") from None
