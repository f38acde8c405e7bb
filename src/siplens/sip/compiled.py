"""Keeps compiled code no older than its source.

Numba's cache looks at the date of the file with the entry function only; what that calls stands in other files, and after
a `git pull` that changed just those, the code of yesterday would run. Dropped code is compiled again at its next use.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

HERE = Path(__file__).parent


def drop_stale_code(folder: Path = HERE) -> int:
    """Removes the cached code of scan_*.py in `folder` that is older than any of its sources; returns how many files."""
    sources = [*folder.glob("scan_*.py"), *folder.glob("*layout.py")]
    newest = max((path.stat().st_mtime for path in sources), default=0.0)
    dropped = 0
    for compiled in (folder / "__pycache__").glob("scan_*.nb?"):
        with contextlib.suppress(OSError):  # another process was quicker, or the installation is read-only
            if compiled.stat().st_mtime < newest:
                compiled.unlink()
                dropped += 1
    return dropped
