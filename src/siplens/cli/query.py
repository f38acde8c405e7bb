"""`siplens peers` and `siplens schema`: questions to the tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siplens.cli.choices import DEFAULT_DATABASES, Format
from siplens.cli.options import Databases, Output

if TYPE_CHECKING:
    from siplens.store import Store

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
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write one peer's sheet in Markdown, with the proof frames.")
    ] = None,
    db: Databases = DEFAULT_DATABASES,
    fmt: Output = Format.table,
) -> None:
    """List gateways, SBCs and PBXs: how many early dialogs each took and refused, direct media, and of how many calls.

    With a NAME and --format markdown, or -o: a sheet with sample sizes, intervals and proof, to send to the vendor.
    """
    from siplens.cli.database import judged, reading
    from siplens.cli.rows import emit
    from siplens.errors import SiplensError
    from siplens.report.fetch import fetch

    with_sheet = name is not None and (output is not None or fmt is Format.markdown)
    if output is not None and name is None:
        raise SiplensError("-o writes the sheet of one peer", hint="siplens peers NAME -o sheet.md; 'siplens peers' lists them")
    with (judged if with_sheet else reading)(db) as store:
        rows = fetch(store, "peers")
        truth = fetch(store, "ground_truth") if name is None and fmt is Format.table else []
        if with_sheet:
            _write_sheets(store, [row for row in rows if name and name.lower() in _names(row)], output)
    if name is not None:
        rows = [row for row in rows if name.lower() in _names(row)]
        if not rows:
            raise SiplensError(f"there is no peer {name}", hint="'siplens peers' lists them")
    if with_sheet:
        return
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


def _names(row: dict[str, Any]) -> set[str]:
    return {str(name).lower() for name in (row["peer"], *row["peer_ips"])}


def _write_sheets(store: Store, rows: list[dict[str, Any]], output: Path | None) -> None:
    from siplens.cli import console
    from siplens.report.peer_sheet import peer_markdown

    text = "\n".join(peer_markdown(store, row) for row in rows)
    if output is None:
        console.write(text)
    elif rows:
        output.write_text(text, encoding="utf-8")
        console.say(f"{output}: written")


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
        typer.Argument(
            metavar="[TABLE]",
            help="One table with its columns; all tables, if none is named. 'report': the JSON Schema of reports.",
            show_default=False,
        ),
    ] = None,
    db: Databases = DEFAULT_DATABASES,
    fmt: Output = Format.table,
) -> None:
    """List the tables of the database, or the columns of one, with what they mean."""
    from siplens.cli.database import reading
    from siplens.cli.rows import emit
    from siplens.errors import SiplensError
    from siplens.report.fetch import fetch

    if table == "report":
        _print_report_schema()
        return
    with reading(db) as store:
        if table is None:
            emit(fetch(store, "schema_tables"), ("table_name", "rows_estimated", "meaning"), fmt)
            return
        rows = fetch(store, "schema_columns", table=table.lower())
    if not rows:
        raise SiplensError(f"there is no table {table}", hint="'siplens schema' lists them")
    emit(rows, ("column", "type", "meaning"), fmt, title=rows[0]["table_meaning"])


def _print_report_schema() -> None:
    from siplens.cli import console
    from siplens.report.document import schema_text

    console.write(schema_text())
