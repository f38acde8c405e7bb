"""`siplens sql`: one statement, a file, a query of the cookbook, or a prompt to ask at."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASES, Format
from siplens.cli.options import Databases, Output


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
    from siplens.cli.sql_statement import print_rows, statement_text
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
