"""`siplens archive`: raw rows into Parquet by day, and back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASE, Format
from siplens.cli.options import Database, Output

app = typer.Typer(help="Keep raw rows as Parquet, one folder per table and day; take them back.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of the archive.", show_default=False)]


@app.command("export")
def export_rows(
    folder: Folder,
    older_than: Annotated[
        str | None, typer.Option(metavar="DAYS", help="Only days longer ago than this, such as 90d; all, if not given.")
    ] = None,
    db: Database = DEFAULT_DATABASE,
) -> None:
    """Write raw rows into an archive. Again: only what is new. 'siplens prune' may drop them then.

    An archive is asked together with a database by naming both: siplens sql "…" --db siplens.duckdb --db FOLDER.
    """
    from siplens.archive.parquet import export_archive
    from siplens.archive.prune import cut_for
    from siplens.cli import console
    from siplens.cli.prune import days

    before = cut_for(days("--older-than", older_than), dt.datetime.now(dt.UTC)) if older_than else None
    done = export_archive(db, folder, before)
    console.write(f"{folder}: {done.rows:,} new rows of {done.days:,} days, {done.files:,} files, {done.size_bytes / 1e6:,.1f} MB\n")


@app.command("import")
def import_rows(folder: Folder, db: Database = DEFAULT_DATABASE) -> None:
    """Take the rows of an archive into the database. Rows that are there are not taken twice."""
    from siplens.archive.take import archive_files, take_archive
    from siplens.cli import console
    from siplens.store import open_store

    archive_files(folder)  # a mistake in its name makes no database
    with open_store(db, write=True) as store:
        rows = take_archive(store, folder)
    console.write(f"{db}: {rows:,} rows taken from {folder}\n")


@app.command("list")
def list_days(folder: Folder, fmt: Output = Format.table) -> None:
    """List the days of an archive, with what each holds."""
    from siplens.archive.parquet import archived_days
    from siplens.cli.rows import emit

    emit(archived_days(folder), ("day", "messages", "rtp_streams", "log_events", "size_bytes"), fmt)
