"""Prints rows in the format the user asked for. Every text goes through the escape that its reader needs."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from siplens.cli import console
from siplens.cli.options import Format
from siplens.report.fetch import Row
from siplens.report.text import csv_cell, markdown_cell, visible

YES_NO = {"pass": "yes", "fail": "no", "unknown": "unknown", None: "unknown"}
"""Expected and observed in words for reading: a bypass that is not expected is no failure."""
VERDICT_STYLES = {"pass": "green", "fail": "bold red", "unknown": "yellow"}
SEVERITY_STYLES = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
}


def emit(rows: Sequence[Row], columns: Sequence[str], form: Format, *, title: str | None = None) -> None:
    """Prints rows: `columns` are their keys, in order. `title` stands above a table only."""
    if form is Format.table:
        _emit_table(rows, columns, title)
    elif form is Format.csv:
        _emit_csv(rows, columns)
    elif form is Format.json:
        listed = [{name: plain(row[name]) for name in columns} for row in rows]
        console.write(json.dumps(listed, indent=2) + "\n")
    elif form is Format.ndjson:
        for row in rows:
            console.write(json.dumps({name: plain(row[name]) for name in columns}) + "\n")
    else:
        console.write(markdown_table(rows, columns))


def words(value: Any) -> str:
    """A value in words: empty for NULL, times to the millisecond, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "milliseconds" if value.microsecond else "seconds")
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.1f}"
    if isinstance(value, list | tuple):
        return ", ".join(words(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}={words(item)}" for name, item in value.items() if item is not None)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def media_words(call: Row) -> str:
    """The way a call's media went, as observed; where it was not seen, the way that was signalled."""
    if call["media_observed"] not in (None, "unseen"):
        return str(call["media_observed"]).replace("_", "-")
    signalled = call["media_signalled"]
    return "unseen" if signalled in (None, "unknown") else f"unseen, signalled {signalled}"


def _emit_table(rows: Sequence[Row], columns: Sequence[str], title: str | None) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD,
        title=title,
        title_justify="left",
        title_style="bold",
        pad_edge=False,
        show_edge=False,
        header_style="bold",
    )
    for name in columns:
        numeric = any(_is_number(row[name]) for row in rows) and all(row[name] is None or _is_number(row[name]) for row in rows)
        table.add_column(visible(name), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[_styled(Text, words(row[name])) for name in columns])
    console.show(table)


def _styled(text: Any, value: str) -> Any:
    return text(visible(value), style=VERDICT_STYLES.get(value) or SEVERITY_STYLES.get(value) or "")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _emit_csv(rows: Iterable[Row], columns: Sequence[str]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([csv_cell(name) for name in columns])
    for row in rows:
        writer.writerow([words(row[name]) if _is_number(row[name]) else csv_cell(words(row[name])) for name in columns])
    console.write(buffer.getvalue())


def markdown_table(rows: Iterable[Row], columns: Sequence[str]) -> str:
    """Rows as a Markdown table."""
    lines = ["| " + " | ".join(markdown_cell(name) for name in columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(markdown_cell(words(row[name])) for name in columns) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def plain(value: Any) -> Any:
    """A value that JSON knows: numbers stay numbers, times are ISO 8601, what JSON cannot say is null or text."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    return words(value)
