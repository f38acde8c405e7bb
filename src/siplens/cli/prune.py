"""`siplens prune`: drops raw rows of old calls; findings and daily figures stay."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASE
from siplens.cli.options import Database


def prune(
    older_than: Annotated[
        str, typer.Option(metavar="DAYS", help="Drop calls that ended more than this long ago, such as 90d.", show_default=False)
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be dropped; drop nothing.")] = False,
    db: Database = DEFAULT_DATABASE,
) -> None:
    """Drop messages, media flows and events of calls that ended before a day (UTC), and give the space back.

    Findings, daily figures, files with their hashes, configurations and runs stay. 'siplens archive export' keeps the raw rows
    elsewhere first. Nothing may write to the database meanwhile; a prune that is broken off leaves it as it was.
    """
    from siplens.archive.prune import cut_for
    from siplens.archive.prune import prune as drop
    from siplens.cli import console

    before = cut_for(days("--older-than", older_than), dt.datetime.now(dt.UTC))
    pruned = drop(db, before, dry=dry_run)
    console.write(("would be: " if dry_run and pruned.rows_dropped else "") + pruned.words + "\n")


def days(option: str, text: str) -> int:
    """A number of days, such as 90d or 12w. Raises SiplensError."""
    import re

    from siplens.errors import SiplensError

    found = re.fullmatch(r"(\d{1,5})\s*(d|days?|w|weeks?)", text.strip().lower())
    if not found or not int(found[1]):
        raise SiplensError(f"{option} {text}: not a number of days", hint="write it as 90d or 12w")
    return int(found[1]) * (7 if found[2].startswith("w") else 1)
