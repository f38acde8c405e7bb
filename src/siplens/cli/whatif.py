"""`siplens whatif`: which calls would be judged otherwise under another configuration."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASES, Format
from siplens.cli.options import Databases, Output

_CALLS = ("call_no", "started", "trunk", "site", "expected_before", "expected_after", "observed", "why")


class Shown(StrEnum):
    """What --show lists."""

    calls = "calls"
    totals = "totals"


def whatif(
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KIND[OBJECT].PROPERTY=VALUE", help="A change; may be given again. No value: Microsoft's default."),
    ] = None,
    configs: Annotated[
        list[Path] | None,
        typer.Option("--config", metavar="FILE", help="Another configuration, for all calls; may be given again, for exports in parts."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="List so many changed calls at most; 0 for all.")] = 100,
    show: Annotated[Shown, typer.Option(help="What to write in csv, json, ndjson and markdown.")] = Shown.calls,
    db: Databases = DEFAULT_DATABASES,
    fmt: Output = Format.table,
) -> None:
    """Which calls would be expected to bypass, or no longer, if the configuration were another. The database is not changed.

    For instance: siplens whatif --set 'trunk[gw1].EnableBypass=true'
    """
    from siplens.cli import console
    from siplens.cli.database import as_one, reading
    from siplens.cli.rows import emit
    from siplens.config.change import read_change
    from siplens.errors import SiplensError
    from siplens.pipeline.whatif import what_if

    if not sets and not configs:
        raise SiplensError("nothing is changed", hint="say --set 'trunk[gw1].EnableBypass=true', or --config FILE")
    changes = [read_change(text) for text in sets or ()]
    with as_one(db) as one:
        with reading(one):
            pass  # derives where that is needed
        answer = what_if(one, changes, configs or (), most=limit or None)
    for note in answer.notes:
        console.say(note)
    if fmt is not Format.table:
        rows = answer.listed if show is Shown.calls else answer.totals
        columns = ("call_no", "started", "direction", "trunk", "site", "expected_before", "expected_after", "observed")
        totals = ("scope", "name", "calls", "expected_before", "expected_after", "unknown_after", "changed", "bypassed")
        emit(rows, (*columns, "verdict_before", "verdict_after", "why") if show is Shown.calls else totals, fmt)
        return
    emit(answer.totals, ("scope", "name", "calls", "expected_before", "expected_after", "unknown_after", "changed", "bypassed"), fmt)
    console.say(f"{answer.changed:,} of {answer.calls:,} calls would be judged otherwise")
    if answer.listed:
        emit(answer.listed, _CALLS, fmt, title="\nChanged calls")
    if len(answer.listed) < answer.changed:
        console.say(f"the first {len(answer.listed):,} are listed; --limit 0 lists all")
