"""Text logs into records: server traces, plain SIP. A format is one grammar in grammars/ and one small module here of the same name.

`read_log` is the way in. Importing this package loads neither Lark nor the SIP parser: that happens with the first log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, tzinfo
from pathlib import Path

from siplens.logs.formats import recognise
from siplens.records import Batch

__all__ = ["read_log", "recognise"]


def read_log(
    path: Path,
    format_name: str,
    *,
    zone: tzinfo = UTC,
    date_order: str = "mdy",
    progress: Callable[[int], None] | None = None,
) -> Iterator[Batch]:
    """Batches of all evidence in a log, the last one its `source` row.

    format_name: as `recognise` told. zone: of logs that do not name one. date_order: mdy, dmy or ymd, where the format leaves it open.
    progress is told the bytes read so far.
    """
    from siplens.logs import reader

    return reader.read_log(path, format_name, zone=zone, date_order=date_order, progress=progress)
