"""`siplens sql`: one statement, a file, a query of the cookbook, or a prompt to ask at."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siplens.cli.options import DEFAULT_DATABASES, Databases, Format, Output

if TYPE_CHECKING:
    from siplens.store import Store


def sql(
    statement: Annotated[
        str | None,
        typer.Argument(
            metavar="[SELECT | @NAME | FILE | -]",
            help="SQL, @NAME of a query in the cookbook, a file that holds SQL, or - for stdin. Without it: a prompt with completion.",
            show_default=False,
        ),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the queries of the cookbook.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the rows to a .parquet, .csv, .json or .ndjson file."),
    ] = None,
    db: Databases = DEFAULT_DATABASES,
    fmt: Output = Format.table,
) -> None:
    """Run SQL on the database, read-only: it can neither change anything nor read other files. 'siplens schema' lists the tables."""
    from siplens.cli import console
    from siplens.cli.database import reading
    from siplens.cli.rows import emit
    from siplens.report.cookbook import cookbook
    from siplens.report.rows_file import write_rows

    if listing:
        emit([{"query": f"@{entry.name}", "answers": entry.question} for entry in cookbook()], ("query", "answers"), fmt)
        return
    if statement is None and sys.stdin.isatty() and output is None:
        from siplens.cli.sql_prompt import ask

        ask(db, fmt)
        return
    text = statement_text(statement or "-")
    with reading(db) as store:
        if output:
            amount = write_rows(store, text, output)
            console.say(f"{output}: {amount:,} rows")
            return
        print_rows(store, text, fmt)


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
