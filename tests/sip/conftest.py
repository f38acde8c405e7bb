"""Compiled code is never older than its source while tests run."""

from __future__ import annotations

from pathlib import Path

import siplens


def _drop_stale_code() -> None:
    """Numba looks at the date of the file with the entry function only; what it calls stands in other scan_*.py files."""
    folder = Path(siplens.__file__).parent / "sip"
    newest = max(path.stat().st_mtime for path in [*folder.glob("scan_*.py"), *folder.glob("*layout.py")])
    for compiled in (folder / "__pycache__").glob("scan_*.nb?"):
        if compiled.stat().st_mtime < newest:
            compiled.unlink(missing_ok=True)


_drop_stale_code()
