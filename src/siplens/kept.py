"""What is made once per machine and found again by later runs: machine code, the blank database. Losing it costs time, nothing else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path


def folders(source: Path) -> list[Path]:
    """Folders for what is made of the files in `source`: where the user says (NUMBA_CACHE_DIR), else beside the source, else in
    the user's own cache. The first that can be written is taken."""
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return [Path(chosen)]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return [source / "__pycache__", home / "siplens"]


def find(source: Path, name: str) -> Iterator[bytes]:
    """Contents kept under `name`, best place first; damaged ones are passed over."""
    for folder in folders(source):
        try:
            packed = (folder / name).read_bytes()
        except OSError:
            continue
        digest, content = packed[:32], packed[32:]
        if hashlib.sha256(content).digest() == digest:
            yield content


def keep(source: Path, name: str, content: bytes) -> None:
    """Keep `content` under `name`, which is `stem-key.ending`; what was kept under the stem with another key goes."""
    for folder in folders(source):
        place = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            unfinished = place.with_name(f"{name}.{os.getpid()}")
            unfinished.write_bytes(hashlib.sha256(content).digest() + content)
            unfinished.replace(place)
        except OSError:
            continue
        for older in folder.glob(f"{name.rpartition('-')[0]}-*{place.suffix}"):
            if older != place:
                older.unlink(missing_ok=True)
        return
