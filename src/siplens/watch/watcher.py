"""The watch itself: looks at folders, reads what is complete, judges, and says one line of each file.

What was read stands in the database (`watched_file`, written after the file's own transaction; `source` covers a kill in
between), so a watch that is killed at any moment goes on where it was. The database is open only while files are read, a few at a
time where many wait, or judged.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from siplens.capture import first_packet_time
from siplens.errors import SiplensError
from siplens.pipeline.derive import is_current
from siplens.pipeline.ingest import ingest_paths, read_again
from siplens.pipeline.one_file import IngestedFile
from siplens.pipeline.recognise import ReadOptions
from siplens.rules import judge
from siplens.store import Store
from siplens.store.waiting import open_when_free
from siplens.watch.completeness import Completeness, FileState, list_files
from siplens.watch.memory import Memory

JUDGE_AFTER_S = 30.0
"""While files wait to be read, judging waits too, but not longer than this."""
TOGETHER_FILES = 25
TOGETHER_BYTES = 100_000_000
"""So many files are read with the database open, and not more than that: a second or two, then others have their turn."""
RETRY_S = 30.0
"""After a fault that is not the file's (disk full, share gone), this long until it is tried again."""
_FILE_CALLS = Path(__file__).with_name("sql") / "file_calls.sql"

Say = Callable[[str], None]


def silent(line: str) -> None:
    """Says nothing."""


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """What to watch, and how patiently."""

    db: Path
    folders: tuple[Path, ...]
    settle_s: float = 30.0
    """How long a file must look the same before it is taken for complete, in seconds."""
    poll_s: float = 2.0
    """How often the folders are looked at, in seconds."""
    read: ReadOptions = field(default_factory=ReadOptions)
    label: str | None = None


def watch(options: WatchOptions, say: Say = silent, wake: Callable[[], object] | None = None, *, until_idle: bool = False) -> None:
    """Watches until it is interrupted. `until_idle`: until every file there is has been read and judged.

    wake: returns when it is time to look again; without it, every poll_s seconds.
    """
    watcher = Watcher(options, say)
    while True:
        waiting = watcher.step()
        if until_idle and not waiting:
            return
        if wake:
            wake()
        else:
            time.sleep(options.poll_s)


class Watcher:
    """One watch of some folders into one database."""

    def __init__(self, options: WatchOptions, say: Say = silent) -> None:
        self._options = options
        self._say = say
        self._completeness = Completeness(options.settle_s, quiet_s=options.poll_s)
        self._memory = Memory()
        self._retry_at: dict[FileState, float] = {}
        self._read_not_judged: list[IngestedFile] = []
        self._started = False
        self._in_doubt: list[tuple[FileState, IngestedFile]] | None = None
        """Files read before a fault, of which it is not known whether they are on disk; None where there was no fault."""
        self._undone = False
        """Whether files were read by an earlier watch that was killed before it judged them."""
        self._own = {path.resolve() for path in (options.db, options.db.with_name(options.db.name + ".wal"))}

    def step(self) -> bool:
        """One look: reads what is complete, then judges. True while some files are still to come: growing, settling, to be retried."""
        if not self._started:
            self._start()
            self._started = True
        if self._in_doubt is not None and not self._learn(self._in_doubt):
            return True
        listed = [state for state in list_files(self._options.folders) if state.path.resolve() not in self._own]
        unread = [state for state in listed if not self._memory.knows(state)]
        complete = set(self._completeness.complete(listed))
        since = time.monotonic()
        due = [state for state in unread if state in complete and self._retry_at.get(state, 0) <= time.monotonic()]
        for group in self._groups(sorted(due, key=_began)):
            self._take(group)
            if time.monotonic() - since > JUDGE_AFTER_S:
                self._judge()
                since = time.monotonic()
        self._judge()
        return any(not self._memory.knows(state) for state in unread)

    def _start(self) -> None:
        """Learns what was read before, and whether a killed watch left anything to be judged."""
        with self._open() as store:
            self._read_not_judged += read_again(store, self._options.read)  # what a killed watch was to read again
            self._memory.load(store)
            self._undone = bool(store.value("select count(*) from source where kind <> 'config'")) and not is_current(store)

    def _learn(self, in_doubt: Sequence[tuple[FileState, IngestedFile]]) -> bool:
        """Learns which of these files came to the disk before a fault; False where even that cannot be done yet."""
        undone = self._undone
        try:
            self._start()
        except (OSError, duckdb.Error, SiplensError):
            return False
        self._undone, self._in_doubt = undone, None
        self._read_not_judged += [outcome for state, outcome in in_doubt if self._memory.knows(state) and not outcome.error]
        return True

    def _groups(self, states: Sequence[FileState]) -> list[list[FileState]]:
        """Files that are read with the database open once; one that could not be read, or was with it, is read by itself."""
        groups: list[list[FileState]] = []
        alone, size = True, 0
        for state in states:
            if alone or state in self._retry_at or len(groups[-1]) == TOGETHER_FILES or size + state.size > TOGETHER_BYTES:
                groups.append([])
                size = 0
            groups[-1].append(state)
            size += state.size
            alone = state in self._retry_at
        return groups

    def _take(self, group: Sequence[FileState]) -> None:
        """Reads some files and remembers them. What is not a file's fault is said, and tried again later."""
        states = {state.path: state for state in group}
        done: list[tuple[FileState, IngestedFile]] = []
        changed: list[str] = []
        try:
            with self._open() as store:
                for outcome in ingest_paths(store, [str(path) for path in states], self._options.read, label=self._options.label):
                    state = states.get(outcome.path)
                    if state is None:
                        self._read_not_judged.append(outcome)  # joined to one of these, and read again with it
                    elif words := _changed_meanwhile(state):
                        self._memory.take_back(store, outcome)
                        changed.append(f"{state.path.name}: {words}")
                    else:
                        self._memory.write_down(store, state, outcome)
                        done.append((state, outcome))
        except duckdb.InterruptException:
            raise
        except (OSError, duckdb.Error, SiplensError) as error:
            self._put_off(group, error, done)
            return
        for line in changed:
            self._say(line)
        for state, outcome in done:
            self._memory.note(state)
            self._retry_at.pop(state, None)
            if outcome.error:
                self._say(f"{state.path.name}: passed over: {_reason(outcome.error, state)}")
            elif outcome.known:
                self._say(f"{state.path.name}: known: the same bytes were read before")
            else:
                self._read_not_judged.append(outcome)

    def _put_off(self, group: Sequence[FileState], error: Exception, done: list[tuple[FileState, IngestedFile]]) -> None:
        """One file that could not be read waits. Of several it is not known which could not: each is tried by itself at the next look."""
        if len(group) > 1:
            self._retry_at |= dict.fromkeys(group, 0.0)
            self._in_doubt = [*(self._in_doubt or []), *done]
            return
        self._retry_at[group[0]] = time.monotonic() + RETRY_S
        words = error.message if isinstance(error, SiplensError) else str(error).partition("\n")[0]
        self._say(f"{group[0].path.name}: not read, will be tried again: {words}")

    def _judge(self) -> None:
        """Derives and judges the calls of the files read, and says the line of each file."""
        files, self._read_not_judged = self._read_not_judged, []
        if not files and not self._undone:
            return
        calls: dict[int, list[tuple[int, list[str]]]] = {}
        try:
            with self._open() as store:
                judge(store)
                sources = [file.source_id for file in files]
                for source_id, call_no, new in store.query(_FILE_CALLS.read_text(encoding="utf-8"), {"source_ids": sources}).rows:
                    calls.setdefault(source_id, []).append((call_no, new))
        except duckdb.InterruptException:
            raise
        except (OSError, duckdb.Error, SiplensError) as error:
            self._say(f"not judged, will be tried with the next file: {str(error).partition(chr(10))[0]}")
        else:
            if self._undone:
                self._say("what was read before the watch was broken off is judged now")
            self._undone = False
        for file in files:
            self._say(file_line(file, calls.get(file.source_id or 0, [])))

    def _open(self) -> Store:
        """The database for writing; waits while somebody else has it."""
        return open_when_free(self._options.db, write=True, say=self._say)


def _began(state: FileState) -> tuple[float, Path]:
    """A ring is read in the order of its packets: copies may arrive in any other."""
    first = first_packet_time(state.path)
    return (state.modified_ns / 1e9 if first is None else first), state.path


def _changed_meanwhile(state: FileState) -> str | None:
    """What became of a file while it was read; None where it is as it was."""
    try:
        now = state.path.stat()
    except OSError:
        return "is gone; it was deleted while it was read, or before"
    same = (now.st_size, now.st_mtime_ns) == (state.size, state.modified_ns)
    return None if same else "went on growing while it was read; it will be read when it is complete"


def _reason(error: SiplensError, state: FileState) -> str:
    """Why a file was refused, without its path and without what was expected: the folder may hold all sorts of files."""
    return error.message.removeprefix(f"{state.path}: ").partition(";")[0]


def file_line(file: IngestedFile, calls: Sequence[tuple[int, list[str]]]) -> str:
    """What one file brought, in one line: rows, calls, and what the rules newly found in them."""
    brought = [f"{file.rows.get(table, 0):,} {words}" for table, words in _BROUGHT if file.rows.get(table)]
    parts = [f"{file.format}, {', '.join(brought) or 'nothing of SIP or RTP'}"]
    if calls:
        numbers = [number for number, _ in calls]
        listed = ", ".join(map(str, numbers[:8])) + (f" … {numbers[-1]}" if len(numbers) > 8 else "")
        parts.append(f"{len(calls)} call{'s' if len(calls) > 1 else ''} ({listed})")
    failed = [f"{rule} call {number}" for number, rules in calls for rule in rules]
    if failed:
        more = f" and {len(failed) - 8} more" if len(failed) > 8 else ""
        parts.append(f"{len(failed)} new failure{'s' if len(failed) > 1 else ''}: {', '.join(failed[:8])}{more}")
    parts += [f"warning: {warning}" for warning in file.warnings]
    return f"{file.path.name}: {'; '.join(parts)}"


_BROUGHT = (("message", "messages"), ("media_flow", "RTP streams"), ("log_event", "log events"), ("log_reject", "records not read"))


def stamp(line: str) -> str:
    """The line with the time (UTC) before it, as a log has it."""
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ} {line}"
