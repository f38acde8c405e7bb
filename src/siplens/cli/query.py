"""`siplens peers` and `siplens schema`: questions to the tables."""

from __future__ import annotations

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
        truth = fetch(store, "ground_truth") if name is None and fmt is Format.table else []
    if name is not None:
        rows = [row for row in rows if name.lower() in (str(row["peer"]).lower(), str(row["peer_ip"]).lower())]
        if not rows:
            raise SiplensError(f"there is no peer {name}", hint="'siplens peers' lists them")
    columns = tuple(rows[0]) if rows else PEER_LISTED
    if fmt is not Format.table:
        emit(rows, columns, fmt)
    elif name is None:
        emit([_short_names(row) for row in rows], [_SHORT.get(column, column) for column in PEER_LISTED], fmt)
        if truth:
            emit(truth, tuple(truth[0]), fmt, title="\nMediaBypassFlag of quality reports (pass: bypassed) against the media path observed")
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
