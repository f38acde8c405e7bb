"""`siplens calls` lists calls; `siplens call ID` shows one."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASES, Format
from siplens.cli.options import Databases, Output, Redact, RedactKey

if TYPE_CHECKING:
    from siplens.report.calls import CallSheet
    from siplens.report.fetch import Row

LISTED = (
    "call_no",
    "started",
    "direction",
    "caller",
    "called",
    "peer",
    "outcome",
    "early_dialogs",
    "media",
    "expected",
    "observed",
    "verdict",
    "findings",
)
"""Columns of the table on a terminal; other formats carry every column of report/sql/calls.sql."""

WIDEST_SHEET = 140
"""Columns that the sheet of a call takes at most: on a very wide terminal, arrows would be long and tables thin."""

CallId = Annotated[
    str,
    typer.Argument(metavar="ID", help="Call number, SIP Call-ID, or the beginning of the call's fingerprint.", show_default=False),
]


def calls(
    where: Annotated[
        str | None,
        typer.Option(metavar="SQL", help="Only calls for which this holds, such as \"bypass_verdict = 'fail'\"."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many calls.")] = None,
    db: Databases = DEFAULT_DATABASES,
    fmt: Output = Format.table,
) -> None:
    """List calls: who called whom, over which peer, how it ended, where media went, and whether bypass was expected."""
    from siplens.cli import console
    from siplens.cli.database import judged
    from siplens.cli.rows import emit
    from siplens.report.calls import list_calls

    with judged(db) as store:
        rows, columns = list_calls(store, where, limit)
    if fmt is Format.table:
        emit([row | _short(row) for row in rows], LISTED, fmt)
        console.say(f"{len(rows)} call{'s' if len(rows) != 1 else ''}. 'siplens call NUMBER' shows one.", "dim")
    else:
        emit(rows, columns, fmt)


def _short(row: Row) -> Row:
    from siplens.cli.rows import YES_NO, media_words

    return {
        "started": row["started"].replace(microsecond=0) if isinstance(row["started"], dt.datetime) else row["started"],
        "media": media_words(row),
        "expected": YES_NO[row["bypass_expected"]],
        "observed": YES_NO[row["bypass_observed"]],
        "verdict": row["bypass_verdict"],
    }


class LadderForm(StrEnum):
    """How a ladder is written by itself."""

    svg = "svg"
    mermaid = "mermaid"
    text = "text"


LADDER_ENDINGS = {".svg": LadderForm.svg, ".mmd": LadderForm.mermaid, ".mermaid": LadderForm.mermaid, ".txt": LadderForm.text}


def call(
    identity: CallId,
    every: Annotated[bool, typer.Option("--all", help="Show every message; without it, what repeats is folded into one line.")] = False,
    ladder: Annotated[LadderForm | None, typer.Option(help="Only the ladder: an SVG picture, a Mermaid diagram, or text.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where the ladder goes: its ending (.svg, .mmd, .txt) is enough.")
    ] = None,
    width: Annotated[int | None, typer.Option(min=40, max=400, help="Columns of the text; default: the terminal's.")] = None,
    redact: Redact = False,
    redact_key: RedactKey = None,
    db: Databases = DEFAULT_DATABASES,
    fmt: Annotated[Format, typer.Option("--format", "-f", help="table: for reading; json: all of it as one object.")] = Format.table,
) -> None:
    """Show one call: ladder of both legs, early dialogs, offers and answers, media, the bypass decision, findings."""
    import json

    from siplens.cli import console
    from siplens.cli.call_text import call_sheet
    from siplens.cli.database import judged, redacted
    from siplens.errors import SiplensError
    from siplens.report.calls import find_call, read_call
    from siplens.report.values import plain

    if fmt not in (Format.table, Format.json):
        raise SiplensError(f"a call has no {fmt.value} form", hint="use --format table or --format json")
    if output is not None and ladder is None:
        ladder = LADDER_ENDINGS.get(output.suffix.lower())
        if ladder is None:
            raise SiplensError(f"{output}: its ending names no form of ladder", hint=f"endings known: {', '.join(LADDER_ENDINGS)}")
    columns = width or console.page_width(WIDEST_SHEET)
    with judged(db) as store:
        number = find_call(store, identity)
        shown = redacted(store, redact, redact_key, [number])
        sheet = read_call(shown, number, fold=not every, max_lifelines=4 if ladder is not LadderForm.svg else 5)
    if ladder is not None:
        _write_ladder(sheet, ladder, output, columns)
        return
    if fmt is Format.json:
        console.write(json.dumps(plain(sheet.as_rows()), indent=2) + "\n")
        return
    console.show(*call_sheet(sheet, columns), width=columns)


def _write_ladder(sheet: CallSheet, form: LadderForm, output: Path | None, columns: int) -> None:
    """The ladder alone, to a file or to stdout."""
    from siplens.cli import console
    from siplens.cli.ladder_text import plain_text
    from siplens.cli.report import save
    from siplens.report.ladder_file import ladder_svg, ladder_title
    from siplens.report.ladder_mermaid import mermaid

    if form is LadderForm.svg:
        text = ladder_svg(sheet)
    elif form is LadderForm.mermaid:
        text = mermaid(sheet.ladder, ladder_title(sheet))
    else:
        text = f"{ladder_title(sheet)}\n\n{plain_text(sheet.ladder, columns)}"
    if output is None:
        console.write(text)
    else:
        save(output, text)
        console.write(f"{output}\n")
