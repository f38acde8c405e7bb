"""Text logs into records: server traces, SBC and PBX logs, plain SIP. A format is one grammar in grammars/ and one module in dialects/.

`read_log` is the way in. Importing this package loads neither Lark nor the SIP parser: that happens with the first log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from siplens.logs.formats import recognise
from siplens.records import Batch

__all__ = ["first_bytes", "is_text", "read_log", "recognise", "text_before", "time_span"]


def read_log(
    path: Path,
    format_name: str,
    *,
    zone: tzinfo | None = None,
    date_order: str | None = None,
    folders: tuple[Path, ...] = (),
    before: Path | None = None,
    after: tuple[Path, ...] = (),
    size: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Batch]:
    """Batches of all evidence in a log, the last one its `source` row. A compressed log (gzip, bzip2, xz) is read as it is.

    format_name: as `recognise` told. zone: of logs that do not name one; UTC where None, and told where the format writes local time.
    date_order: mdy, dmy or ymd, where the format leaves it open. folders: of users' formats. before, after: the file of a rolled log
    written just before this one, and those after it up to one in which a record begins: a record that the roll-over cut is then read
    whole, with the file where it begins. size: read so many bytes only, of a file that may be growing. progress is told the bytes read.
    """
    from siplens.logs import reader

    rolled = reader.Rolled(before, after)
    return reader.read_log(
        path, format_name, zone=zone, date_order=date_order, folders=folders, rolled=rolled, size=size, progress=progress
    )


def time_span(path: Path, format_name: str, *, folders: tuple[Path, ...] = ()) -> tuple[datetime | None, datetime | None]:
    """Times of the first and the last records of a log, by its own clock read as UTC; None where they have none."""
    from siplens.logs import reader

    return reader.time_span(path, format_name, folders=folders)


def text_before(paths: Sequence[Path], format_name: str, *, folders: tuple[Path, ...] = ()) -> str:
    """What stands in logs, read as one, before the first record begins, as latin-1: the end of a record that the roll-over cut."""
    from siplens.logs import reader

    return reader.text_before_first(paths, format_name, folders=folders)


def first_bytes(path: Path, size: int) -> bytes:
    """The first bytes of a file, unfolded where it is compressed (gzip, bzip2, xz); fewer where it is damaged or shorter."""
    from siplens.errors import UnreadableFileError
    from siplens.logs.blocks import first_piece

    try:
        return first_piece(path, size)
    except UnreadableFileError:
        return b""


def is_text(head: bytes) -> bool:
    """Whether the bytes may be text: those of UTF-16 by its mark, else without zero bytes."""
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" not in head
