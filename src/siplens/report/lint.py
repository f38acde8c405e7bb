"""Rules about the configuration itself, run on what a database holds, or on files without one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from siplens.pipeline.configure import import_configuration
from siplens.pipeline.derive import derive, ensure_derived
from siplens.report.configuration import chosen_snapshot
from siplens.rules import load_rules, run_rules, select_rules
from siplens.rules.run import Outcome
from siplens.store import Store, memory_store, open_store

FAMILY = "CFG"
Checked = tuple[Store, Outcome, list[str]]
"""The store with the findings, the outcome, and what the reading of files warned of."""


@contextmanager
def check_files(paths: Sequence[Path]) -> Iterator[Checked]:
    """Reads files as one configuration and checks it, without a database."""
    with memory_store() as store:
        warnings = import_configuration(store, paths).warnings
        derive(store)
        yield store, run_rules(store, select_rules(load_rules(), [FAMILY])), warnings


@contextmanager
def check_stored(db: Path) -> Iterator[Checked]:
    """Checks the newest configuration of a database. Raises SiplensError where it has none."""
    with open_store(db, write=False) as store:
        chosen_snapshot(store, None)
    with open_store(db, write=True) as store:
        ensure_derived(store)
        yield store, run_rules(store, select_rules(load_rules(), [FAMILY])), []
