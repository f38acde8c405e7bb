"""Configuration back into a file: the plain form that `read` reads, to be kept, edited and imported again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import yaml

from siplens.config.kind import Kind
from siplens.config.kinds import KINDS

_SINGLE = frozenset({"bypass_settings"})
"""Sections that hold one object and no list."""


def plain_form(tables: Mapping[str, Sequence[Mapping[str, Any]]], valid_from: datetime | None = None) -> dict[str, Any]:
    """Rows by table as the sections of a plain file. Computed columns, lines and properties that were not given are left out."""
    sections: dict[str, Any] = {}
    for kind in KINDS:
        written = [_properties(kind, row) for row in tables.get(kind.table.name, ())]
        if written:
            sections[kind.section] = written[0] if kind.section in _SINGLE else written
    if valid_from is not None:
        sections["valid_from"] = valid_from.isoformat()
    return sections or {"trunks": []}


def as_yaml(form: Mapping[str, Any]) -> str:
    """The plain form as YAML, one object a line where it is short."""
    return yaml.dump(dict(form), Dumper=yaml.SafeDumper, sort_keys=False, allow_unicode=True, width=150, default_flow_style=None)


def as_json(form: Mapping[str, Any]) -> str:
    """The plain form as JSON."""
    return json.dumps(form, indent=2, ensure_ascii=False) + "\n"


def _properties(kind: Kind, row: Mapping[str, Any]) -> dict[str, Any]:
    return {column: row[column] for column in kind.readers if row.get(column) is not None}
