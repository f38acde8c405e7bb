"""Files that go on from one another: the captures of a ring, the files of a rolled log. What is under way at the end of one is kept
in the database (`file_end`), in the transaction of its rows, so that it does not matter by which command, or when, the next one is read.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from siplens import logs
from siplens.capture import first_packet_time, new_seam
from siplens.errors import UnreadableFileError
from siplens.pipeline.growth import fingerprint
from siplens.pipeline.rolled import InOrder, series
from siplens.store import Store
from siplens.store.writer import Written, drop_messages, find_source

if TYPE_CHECKING:
    from siplens.capture.seam import Seam

_SQL = Path(__file__).with_name("sql")
_KEPT_STATES = 20
"""At least so many files of a series keep their state, and at most twice as many: one that comes late finds where it goes on."""


@dataclass(slots=True)
class Before:
    """The capture that another goes on from."""

    source_id: int
    path: str
    messages: int
    unfinished: int
    health: list[dict[str, object]]


@dataclass(slots=True)
class Joint:
    """How one file is joined to others of its series."""

    series: str
    seam: Seam | None = None
    """Of a capture."""
    before: Before | None = None
    """The capture that it goes on from."""
    follows: str | None = None
    """Path of the file that it goes on from."""
    rest: str = ""
    """Of a log: what is read of its last record in the file after it."""
    again: dict[int, str] = field(default_factory=dict)
    """Of a log: sources read before that mean something else now that it is there, and where they can be read."""


def series_name(shown: str) -> str:
    """What the files of one ring, or of one rolled log, have in common, whatever the folder that the command was run in."""
    folder, name = series(PurePath(os.path.abspath(shown)))  # noqa: PTH100 - resolve() would follow links to other names
    return f"{folder}{os.sep}{name}"


def join_capture(store: Store, path: Path, shown: str) -> Joint:
    """How a capture is joined to the one before it, if that was read."""
    joint = Joint(series_name(shown), new_seam())
    first = first_packet_time(path)
    if first is None:
        return joint
    from siplens.capture.seam import OVERLAP_NS, PAUSE_NS

    told = {"series": joint.series, "path": shown, "first_ns": int(first * 1e9), "pause_ns": PAUSE_NS, "overlap_ns": OVERLAP_NS}
    for source_id, messages, unfinished, health, state, before in store.query(_query("file_before"), told).rows:
        if state is not None:
            joint.seam = new_seam(state)
            joint.before = Before(source_id, before, messages, unfinished, json.loads(health))
            joint.follows = before
    return joint


def join_log(store: Store, found: InOrder, format_name: str, folders: tuple[Path, ...]) -> Joint:
    """How a log is joined to those beside it."""
    rest = _rest_of(found, format_name, folders)
    joint = Joint(series_name(found.file.shown), follows=found.before.shown if found.before else None, rest=rest)
    if found.goes_on_from:
        held = _sha256(_rest_of(found.goes_on_from, format_name, folders))
        for source_id, read in _end_of(store, found.goes_on_from.file.path, "rest_sha256") if held else ():
            if read != held:
                joint.again[source_id] = found.goes_on_from.file.shown
    for later in found.after if rest else ():
        for source_id, follows in _end_of(store, later.path, "follows"):
            if follows is None:
                joint.again[source_id] = later.shown
    return joint


def _rest_of(found: InOrder, format_name: str, folders: tuple[Path, ...]) -> str:
    """What is read of a log's last record in the files after it."""
    return logs.text_before([later.path for later in found.after], format_name, folders=folders) if found.after else ""


def _end_of(store: Store, path: Path, column: str) -> list[tuple[int, str | None]]:
    """source_id, and one column of `file_end`, of a log if it was read before."""
    try:
        source_id = find_source(store, fingerprint(path).sha256)
    except UnreadableFileError:
        return []  # it was there a moment ago
    rows: list[tuple[int, str | None]] = store.query(f"select source_id, {column} from file_end where source_id = ?", [source_id]).rows
    return rows


def _sha256(text: str) -> str | None:
    return hashlib.sha256(text.encode()).hexdigest() if text else None


def write_end(store: Store, written: Written, joint: Joint) -> None:
    """Keeps what was under way at the end of a file. Inside its open transaction."""
    end = joint.seam.end if joint.seam else None
    if joint.seam and end is None:
        return  # nothing in it had a time
    if joint.before:
        _complete(store, joint.before)
    row: list[object] = [written.source_id, joint.series, None, None, None, None, None, joint.follows, _sha256(joint.rest), None]
    if end:
        row[2:7] = [end.last_ns, end.messages, written.rows.get("message", 0) - end.messages, json.dumps(end.health), end.state]
    store.con.execute("INSERT INTO file_end VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    if end and written.source_id % _KEPT_STATES == 0:
        newest = "SELECT last_ns FROM file_end WHERE series = $series AND state IS NOT NULL ORDER BY last_ns DESC LIMIT 1 OFFSET $kept"
        forget = f"UPDATE file_end SET state = NULL WHERE series = $series AND state IS NOT NULL AND last_ns <= ({newest})"
        store.con.execute(forget, {"series": joint.series, "kept": _KEPT_STATES})
    for source_id, path in (joint.again or _captures_after(store, written.source_id)).items():
        where = os.path.abspath(path)  # noqa: PTH100
        store.con.execute("UPDATE file_end SET read_again = ? WHERE source_id = ?", [where, source_id])


def _captures_after(store: Store, source_id: int) -> dict[int, str]:
    """Captures read before that go on from this one."""
    from siplens.capture.seam import OVERLAP_NS, PAUSE_NS

    # Most often none is later: this is asked for each file, and costs a tenth of the other question.
    later = "select count(*) from file_end as o join file_end as t using (series) where t.source_id = ? and o.last_ns > t.last_ns"
    if not store.value(later, [source_id]):
        return {}
    told = {"source_id": source_id, "pause_ns": PAUSE_NS, "overlap_ns": OVERLAP_NS}
    return dict(store.query(_query("files_after"), told).rows)


def _complete(store: Store, before: Before) -> None:
    """Takes back what was said of the end of a capture: the file that goes on from it has the rest."""
    if before.unfinished:
        drop_messages(store, before.source_id, before.messages)
    store.con.execute(
        "DELETE FROM capture_health WHERE source_id = ? AND check_name IN ('tcp_gaps', 'fragments_incomplete')", [before.source_id]
    )
    for row in before.health:
        told = {"source_id": before.source_id, **row}
        marks = ", ".join(f"${name}" for name in told)
        store.con.execute(f"INSERT INTO capture_health ({', '.join(told)}) VALUES ({marks})", told)


def _query(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
