"""`siplens peers`, `siplens sql` and `siplens schema`: questions to the tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from siplens.cli.options import DEFAULT_DATABASE, Database, Format, Output

PEER_LISTED = (
    "peer",
    "peer_ip",
    "agent",
    "calls",
    "early_dialogs_max_seen",
    "early_dialogs_accepted_max",
    "early_dialogs_refused_min",
    "fork_refusals",
    "direct_offered",
    "direct_accepted",
    "direct_refused",
)


def peers(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One peer in full: its name or address.", show_default=False)] = None,
    db: Database = DEFAULT_DATABASE,
    fmt: Output = Format.table,
) -> None:
    """List gateways, SBCs and PBXs: how many early dialogs each took and refused, direct media, and of how many calls."""
    from siplens.cli.database import reading
    from siplens.cli.rows import emit
    from siplens.errors import SiplensError
    from siplens.report.fetch import fetch

    with reading(db) as store:
        rows = fetch(store, "peers")
    if name is not None:
        rows = [row for row in rows if name.lower() in (str(row["peer"]).lower(), str(row["peer_ip"]).lower())]
        if not rows:
            raise SiplensError(f"there is no peer {name}", hint="'siplens peers' lists them")
    columns = tuple(rows[0]) if rows else PEER_LISTED
    if fmt is not Format.table:
        emit(rows, columns, fmt)
    elif name is None:
        emit([_short_names(row) for row in rows], [_SHORT.get(column, column) for column in PEER_LISTED], fmt)
    else:
        for row in rows:
            emit(
                [{"property": column.replace("_", " "), "value": row[column]} for column in columns],
                ("property", "value"),
                fmt,
            )


_SHORT = {
    "early_dialogs_max_seen": "early dialogs: most seen",
    "early_dialogs_accepted_max": "most accepted",
    "early_dialogs_refused_min": "fewest refused",
    "fork_refusals": "forks refused",
    "direct_offered": "direct media: offered",
    "direct_accepted": "accepted",
    "direct_refused": "refused",
    "peer_ip": "address",
}


def _short_names(row: dict[str, object]) -> dict[str, object]:
    return {_SHORT.get(name, name): value for name, value in row.items()}


def sql(
    statement: Annotated[
        str,
        typer.Argument(metavar="SELECT | FILE | -", help="SQL, a file that holds SQL, or - for stdin.", show_default=False),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the rows to a .parquet, .csv, .json or .ndjson file."),
    ] = None,
    db: Database = DEFAULT_DATABASE,
    fmt: Output = Format.table,
) -> None:
    """Run SQL on the database, read-only: it can neither change anything nor read other files. 'siplens schema' lists the tables."""
    from siplens.cli import console
    from siplens.cli.database import reading
    from siplens.cli.rows import emit
    from siplens.report.rows_file import write_rows

    text = _statement(statement)
    with reading(db) as store:
        if output:
            amount = write_rows(store, text, output)
            console.say(f"{output}: {amount:,} rows")
            return
        columns, rows = store.query(text)
    names = _distinct(columns)
    emit([dict(zip(names, row, strict=True)) for row in rows], names, fmt)


def _statement(given: str) -> str:
    from siplens.errors import QueryError, SiplensError

    if given == "-":
        text = sys.stdin.read()
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


def _distinct(columns: list[str]) -> list[str]:
    """Column names with a number after those that come twice, so that no value is lost."""
    seen: dict[str, int] = {}
    names = []
    for name in columns:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return names


def schema(
    table: Annotated[
        str | None,
        typer.Argument(metavar="[TABLE]", help="One table with its columns; all tables, if none is named.", show_default=False),
    ] = None,
    db: Database = DEFAULT_DATABASE,
    fmt: Output = Format.table,
) -> None:
    """List the tables of the database, or the columns of one, with what they mean."""
    from siplens.cli.database import reading
    from siplens.cli.rows import emit
    from siplens.errors import SiplensError
    from siplens.report.fetch import fetch

    with reading(db) as store:
        if table is None:
            emit(fetch(store, "schema_tables"), ("table_name", "rows_estimated", "meaning"), fmt)
            return
        rows = fetch(store, "schema_columns", table=table.lower())
    if not rows:
        raise SiplensError(f"there is no table {table}", hint="'siplens schema' lists them")
    emit(rows, ("column", "type", "meaning"), fmt, title=rows[0]["table_meaning"])
