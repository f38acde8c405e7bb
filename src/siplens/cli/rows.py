"""Prints rows in the format the user asked for. Every text goes through the escape that its reader needs."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal

from siplens.cli import console
from siplens.cli.choices import Format
from siplens.report.fetch import Row
from siplens.report.text import csv_cell, markdown_cell, visible
from siplens.report.values import plain, words

YES_NO = {"pass": "yes", "fail": "no", "unknown": "unknown", None: "unknown"}
"""Expected and observed in words for reading: a bypass that is not expected is no failure."""
VERDICT_STYLES = {"pass": "green", "fail": "bold red", "unknown": "yellow"}
MOST_RICH = 300
"""Rows that a table on a terminal folds and colours; a longer one is written as plain lines."""
LONG_WORD = 24
"""Columns of a word that a table may fold, such as a fingerprint or a path."""
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


def media_words(call: Row) -> str:
    """The way a call's media went, as observed; where it was not seen, the way that was signalled."""
    if call["media_observed"] not in (None, "unseen"):
        return str(call["media_observed"]).replace("_", "-")
    signalled = call["media_signalled"]
    return "unseen" if signalled in (None, "unknown") else f"unseen, signalled {signalled}"


def _emit_table(rows: Sequence[Row], columns: Sequence[str], title: str | None) -> None:
    numeric = [_is_numeric(rows, name) for name in columns]
    cells = [[visible(words(row[name])) for name in columns] for row in rows]
    if console.on_terminal(sys.stdout) and len(rows) <= MOST_RICH:
        if _fits(cells, columns, console.results().width):
            _rich_table(cells, columns, numeric, title)
        else:
            _cards(cells, columns, title)
    else:
        _plain_table(cells, columns, numeric, title)


def _fits(cells: Sequence[Sequence[str]], columns: Sequence[str], width: int) -> bool:
    """Whether a table can be that wide without breaking words of its head and short words of its cells."""
    from rich.cells import cell_len

    def longest(words: Sequence[str]) -> int:
        return max(map(cell_len, words), default=0)

    least = [
        max(longest(visible(name).split()), min(LONG_WORD, max((longest(row[at].split()) for row in cells), default=0)))
        for at, name in enumerate(columns)
    ]
    return sum(least) + 3 * (len(least) - 1) <= width


def _cards(cells: Sequence[Sequence[str]], columns: Sequence[str], title: str | None) -> None:
    """Rows as paragraphs, for a terminal too narrow for their columns: the first value, then what is there of the others by name."""
    from rich.padding import Padding
    from rich.text import Text

    if title:
        console.show(Text(title, style="bold"))
    for first, *others in cells:
        told = [
            Text.assemble(
                (f"{visible(name)} ", "dim"),
                (cell, VERDICT_STYLES.get(cell) or SEVERITY_STYLES.get(cell) or ""),
            )
            for name, cell in zip(columns[1:], others, strict=True)
            if cell
        ]
        console.show(Text.assemble((f"{visible(columns[0])} ", "dim"), (first, "bold")), Padding(Text("   ").join(told), (0, 0, 0, 2)))


def _rich_table(cells: Sequence[Sequence[str]], columns: Sequence[str], numeric: Sequence[bool], title: str | None) -> None:
    """A table that folds its cells to the terminal's width, in colour."""
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
    for name, number in zip(columns, numeric, strict=True):
        table.add_column(visible(name), justify="right" if number else "left", overflow="fold")
    for row in cells:
        table.add_row(*[Text(cell, style=VERDICT_STYLES.get(cell) or SEVERITY_STYLES.get(cell) or "") for cell in row])
    console.show(table)


def _plain_table(cells: Sequence[Sequence[str]], columns: Sequence[str], numeric: Sequence[bool], title: str | None) -> None:
    """The same as plain lines, as wide as they need be: quick for a hundred thousand rows, and good to search in."""
    heads = [visible(name) for name in columns]
    widths = [max(map(_width, column)) for column in zip(heads, *cells, strict=True)]

    def line(row: Sequence[str]) -> str:
        padded = [
            " " * (width - _width(cell)) + cell if number else cell + " " * (width - _width(cell))
            for cell, width, number in zip(row, widths, numeric, strict=True)
        ]
        return "   ".join(padded).rstrip() + "\n"

    rule = "─" * (sum(widths) + 3 * (len(widths) - 1)) + "\n"
    console.write((f"{title}\n" if title else "") + line(heads) + rule + "".join(map(line, cells)))


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _is_numeric(rows: Sequence[Row], name: str) -> bool:
    values = [row[name] for row in rows if row[name] is not None]
    return bool(values) and all(map(_is_number, values))


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
