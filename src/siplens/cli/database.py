"""Opens the database for a command: read-only, with derived tables and findings that are current."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from siplens.cli import console

if TYPE_CHECKING:
    from siplens.sip.redact_words import Words
    from siplens.store import Store


@contextmanager
def reading(path: Path | Sequence[Path]) -> Iterator[Store]:
    """The database at `path`, read-only. Calls are derived first where something was ingested or imported since.

    Several paths, or the folder of an archive: a temporary database that holds what all of them hold, judged.
    """
    from siplens.pipeline.derive import open_derived

    with as_one(path) as one, open_derived(one, announcer("putting the calls together …")) as store:
        yield store


@contextmanager
def judged(path: Path | Sequence[Path]) -> Iterator[Store]:
    """The database at `path` (or several as one), read-only, with findings of all shipped rules on all that is stored."""
    from siplens.errors import SiplensError
    from siplens.rules import judge

    with as_one(path) as one:
        with reading(one) as store:
            current = _findings_are_current(store)
        if not current:
            try:
                with writing(one) as store:
                    judge(store)
            except SiplensError as error:  # somebody else writes, or a rule is wrong: show what there is
                console.say(f"findings may be older than the calls: {error.message}", "yellow")
        with reading(one) as store:
            yield store


def redacted(store: Store, wanted: bool, key_file: Path | None, call_nos: Sequence[int] | None = None) -> Store:
    """The store as it is, or under pseudonyms where that is wanted or a key for it is named."""
    if not wanted and key_file is None:
        return store
    from siplens.report.redact import RedactedStore

    return RedactedStore(store, pseudonyms(store, key_file, call_nos))


def pseudonyms(store: Store, key_file: Path | None, call_nos: Sequence[int] | None = None) -> Words:
    """Pseudonyms for these calls (None: all), under the user's key or one that is drawn."""
    from siplens.report.redact import drawn_key, read_key, words_of

    return words_of(store, read_key(key_file) or drawn_key(), call_nos)


@contextmanager
def as_one(given: Path | Sequence[Path]) -> Iterator[Path]:
    """The one database that the user named, or a temporary one made of several."""
    paths = [given] if isinstance(given, Path) else list(given)
    if len(paths) == 1 and not paths[0].is_dir():
        yield paths[0]
        return
    from siplens.archive.combine import combined

    with combined(paths, announcer("putting the databases together …")) as path:
        yield path


@contextmanager
def writing(path: Path) -> Iterator[Store]:
    """The database at `path` for writing, with derived tables that are current."""
    from siplens.errors import StoreError
    from siplens.pipeline.derive import ensure_derived
    from siplens.store import open_store

    if not path.exists():
        raise StoreError(f"{path}: there is no such database", hint="run 'siplens ingest FILE' first, or name one with --db")
    with open_store(path, write=True) as store:
        ensure_derived(store, announcer("putting the calls together …"))
        yield store


def _findings_are_current(store: Store) -> bool:
    from siplens.report.fetch import fetch
    from siplens.rules import load_own_rules, select_rules

    current = {row["rule_id"] for row in fetch(store, "findings_current")}
    return current >= {rule.id for rule in select_rules(load_own_rules())}


def announcer(text: str) -> Callable[[str], None]:
    """Says `text` once, on a terminal, when the first step begins."""
    told: list[str] = []

    def hear(step: str) -> None:
        if not told and console.on_terminal(sys.stderr):
            console.say(text, "dim")
        told.append(step)

    return hear
