"""Several databases and archives as one: their raw rows in a database of its own, derived and judged together.

A call whose legs two servers saw is then one call. The database is temporary; the others are only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from siplens.archive.take import take_archive, take_database
from siplens.errors import StoreError
from siplens.rules import judge
from siplens.scratch import scratch_folder
from siplens.store import Store, open_store


@contextmanager
def combined(paths: Sequence[Path], progress: Callable[[str], None] | None = None) -> Iterator[Path]:
    """A database that holds what all `paths` hold (databases, or folders of archives), judged, for as long as the context lasts."""
    with scratch_folder() as folder:
        path = folder / "combined.duckdb"
        with open_store(path, write=True) as store:
            for given in paths:
                if progress:
                    progress(f"{given}: taking its rows …")
                take(store, given)
            judge(store)
        yield path


def take(store: Store, path: Path) -> None:
    """Takes a database or an archive into the open one."""
    if path.is_dir():
        take_archive(store, path)
    elif path.exists():
        take_database(store, path)
    else:
        raise StoreError(f"{path}: there is no such database and no such archive", hint="name a database, or the folder of an archive")
