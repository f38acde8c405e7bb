"""A statement that the user gave, by whatever name, and the printing of its rows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from siplens.cli.choices import Format

if TYPE_CHECKING:
    from siplens.store import Store


def print_rows(store: Store, text: str, fmt: Format) -> int:
    """Runs one statement and prints its rows; returns how many there were."""
    from siplens.cli.rows import emit

    columns, rows = store.query(text)
    names = distinct_names(columns)
    emit([dict(zip(names, row, strict=True)) for row in rows], names, fmt)
    return len(rows)


def statement_text(given: str) -> str:
    """The SQL that the user means: of the cookbook, of stdin, of a file, or as it stands. Raises SiplensError."""
    from siplens.errors import QueryError, SiplensError
    from siplens.report.cookbook import find_question

    if given == "-":
        text = sys.stdin.read()
    elif given.startswith("@"):
        text = find_question(given[1:]).sql
    elif " " not in given.strip() and (given.endswith(".sql") or Path(given).is_file()):
        try:
            text = Path(given).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise SiplensError(f"{given}: not SQL in UTF-8") from error
    else:
        text = given
    if not text.strip():
        raise QueryError("there is no SQL to run", hint="give a SELECT, a file that holds one, or - to read it from stdin")
    return text


def distinct_names(columns: list[str]) -> list[str]:
    """Column names with a number after those that come twice, so that no value is lost."""
    seen: dict[str, int] = {}
    names = []
    for name in columns:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return names
