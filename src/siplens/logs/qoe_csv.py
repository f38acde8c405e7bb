"""A CSV of the QoE database's Session table or view into rows of `qoe_session`, known by its headings, in any order.

Documented are the columns ("Session table", "Session view" of Lync Server 2010 to Skype for Business Server 2019), not the CSV: that is
what the query tool writes. Commas, semicolons and tabs are taken as delimiters, NULL as nothing. Times are UTC, as the database keeps them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from siplens.errors import UnreadableFileError
from siplens.logs.formats import encoding_of
from siplens.records.quality import QOE_SESSION
from siplens.records.source import SOURCE
from siplens.records.table import Batch

NAME = "qoe-session-csv"
_FLAG = "mediationserverbypassflag"
_OTHERS = frozenset({"starttime", "conferencedatetime", "dialogid", "conferenceuri", "dialogcategory"})
_NOTHING = frozenset({"", "null"})
_BATCH = 50_000


def recognise(head: bytes) -> bool:
    """Whether a file that begins so is a CSV with the headings of the Session table."""
    return _FLAG in (names := _names(_text(head).splitlines()[0] if _text(head).strip() else "")) and not _OTHERS.isdisjoint(names)


def read(path: Path, progress: Callable[[int], None] | None = None) -> Iterator[Batch]:
    """Batches of `qoe_session`, then the `source` row. Raises UnreadableFileError naming line and heading."""
    data = path.read_bytes()
    text = _text(data)
    delimiter = _delimiter(text.splitlines()[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names = [name.strip().lower() for name in next(reader)]
    rows: list[dict[str, Any]] = []
    count, first, last, line = 0, None, None, 2
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(names):
                    raise UnreadableFileError(f"{path}:{line}: {len(cells)} values under {len(names)} headings: the file was cut there")
                rows.append(_row(path, line, dict(zip(names, cells, strict=True))))
                times = [time for time in (rows[-1]["started_ts"], first) if time]
                first, last = min(times, default=None), max([time for time in (rows[-1]["ended_ts"], last) if time], default=last)
                count += 1
            line = reader.line_num + 1
            if len(rows) >= _BATCH:
                yield _batch(rows)
                rows = []
    except csv.Error as error:
        raise UnreadableFileError(f"{path}:{line}: not readable as CSV: {error}") from error
    yield _batch(rows)
    if progress:
        progress(len(data))
    known: dict[str, object] = dict.fromkeys(SOURCE.schema.names)
    known |= {"format": NAME, "format_status": "partly", "first_ts": first, "last_ts": last, "packets": count, "engine": "native"}
    yield Batch(SOURCE.name, pa.RecordBatch.from_pylist([known], schema=SOURCE.schema))


def _batch(rows: list[dict[str, Any]]) -> Batch:
    return Batch(QOE_SESSION.name, pa.RecordBatch.from_pylist(rows, schema=QOE_SESSION.schema))


def _text(data: bytes) -> str:
    encoding, mark = encoding_of(data)
    return data[mark:].decode("utf-8" if encoding == "latin-1" else encoding, "replace")


def _delimiter(headings: str) -> str:
    return max(",;\t", key=headings.count)


def _names(headings: str) -> list[str]:
    return [name.strip().strip('"').lower() for name in headings.split(_delimiter(headings))]


def _row(path: Path, line: int, cells: dict[str, str]) -> dict[str, Any]:
    def cell(*names: str) -> str | None:
        found = (cells.get(name, "").strip() for name in names)
        return next((value for value in found if value.lower() not in _NOTHING), None)

    def number(name: str) -> int | None:
        word = cell(name)
        try:
            return None if word is None else int(word, 0)
        except ValueError:
            raise UnreadableFileError(f"{path}:{line}: {name}: expected a whole number, found '{word}'") from None

    def moment(name: str) -> datetime | None:
        word = cell(name)
        try:
            parsed = None if word is None else datetime.fromisoformat(word)
        except ValueError:
            hint = "write times as 2013-09-09 08:15:30.123"
            raise UnreadableFileError(f"{path}:{line}: {name}: expected a time, found '{word}'", hint) from None
        return parsed.astimezone(UTC).replace(tzinfo=None) if parsed and parsed.tzinfo else parsed

    dialog = cell("dialogid", "conferenceuri") or ""
    return {
        "line": line,
        "session_call_id": dialog.partition(";")[0] or None if ";" in dialog or cell("dialogid") else None,
        "started_ts": moment("starttime"),
        "ended_ts": moment("endtime"),
        "dialog_category": _truth(path, line, "dialogcategory", cell("dialogcategory")),
        "bypassed": None if (flag := _truth(path, line, _FLAG, cell(_FLAG))) is None else bool(flag),
        "bypass_warning_flag": number("mediabypasswarningflag"),
        "caller": cell("callerpai", "calleruri"),
        "callee": cell("calleepai", "calleeuri"),
    }


def _truth(path: Path, line: int, name: str, word: str | None) -> int | None:
    if word is None:
        return None
    known = {"1": 1, "true": 1, "0": 0, "false": 0}.get(word.lower())
    if known is None:
        raise UnreadableFileError(f"{path}:{line}: {name}: expected 0 or 1, found '{word}'")
    return known
