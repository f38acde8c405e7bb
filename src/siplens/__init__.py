"""siplens: which PSTN calls should have used media bypass and did not, and how do we know.

Data moves one way: sources (capture, logs, config) → records → store → sql (derive, assess) → rules → present (report, cli).
In a notebook: `siplens.open("siplens.duckdb").sql("select …").df()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from siplens.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from siplens.analysis import Database

__all__ = ["__version__", "open"]


def open(path: str | Path = "siplens.duckdb") -> Database:
    """Opens a siplens database for reading; see siplens.analysis.Database. Raises StoreError where there is none."""
    from siplens.analysis import Database

    return Database(path)
