"""What the tests of siplens.sip share: one-message parsing, and compiled code that is never older than its source."""

from __future__ import annotations

from pathlib import Path

import siplens

_FOLDER = Path(siplens.__file__).parent / "sip"


def _drop_stale_code() -> None:
    """Numba looks at the date of the file with the entry function only; a helper in another scan_*.py may be newer."""
    newest = max(path.stat().st_mtime for path in [*_FOLDER.glob("scan_*.py"), *_FOLDER.glob("*layout.py")])
    for compiled in (_FOLDER / "__pycache__").glob("scan_*.nb?"):
        if compiled.stat().st_mtime < newest:
            compiled.unlink()


_drop_stale_code()
