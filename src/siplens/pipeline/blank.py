"""New databases are copies of a blank one, made once per machine: every table, raw and derived, with its comments, and no rows.

Some nine hundred statements make a database; copying a file takes a millisecond.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import duckdb

from siplens import kept
from siplens.pipeline.derive import derive
from siplens.resources import PACKAGE
from siplens.scratch import scratch_folder
from siplens.store import Store, new_database, open_store

_MADE_OF = (
    "version.py",
    "records/*.py",
    "store/*",
    "pipeline/derive.py",
    "pipeline/steps.py",
    "pipeline/criteria.py",
    "pipeline/known.py",
    "sql/**/*.sql",
    "sql/**/*.csv",
)

_LOADED = time.time()


def open_writable(path: Path) -> Store:
    """Opens the database at `path` for writing; where there is none, makes it. Raises StoreError in one sentence."""
    if path.exists() and (path.is_dir() or path.stat().st_size):
        return open_store(path, write=True)
    return new_database(path, blank_database())


def blank_database() -> bytes:
    """The bytes of a database with all tables and no rows, its derived tables as this siplens makes them."""
    folder, name = Path(__file__).parent, f"blank-{_key()}.duckdb"
    for content in kept.find(folder, name):
        return content
    with scratch_folder() as scratch:
        path = scratch / "blank.duckdb"
        with open_store(path, write=True) as store:
            derive(store)
        content = path.read_bytes()
    kept.keep(folder, name, content, made_of=_made_of(), loaded=_LOADED)
    return content


def _made_of() -> list[Path]:
    return sorted(path for pattern in _MADE_OF for path in PACKAGE.glob(pattern) if path.is_file())


def _key() -> str:
    digest = hashlib.sha256(duckdb.__version__.encode())
    for path in _made_of():
        digest.update(os.fsencode(path.relative_to(PACKAGE)) + path.read_bytes())
    return digest.hexdigest()[:20]
