"""What is made once per machine and found again by later runs: machine code, the blank database. Losing it costs time, nothing else."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
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


def keep(source: Path, name: str, content: bytes, *, made_of: Iterable[Path], loaded: float) -> None:
    """Keep `content` under `name`, which is `stem-key.ending`; what was kept under the stem with another key goes.

    Not where one of the files that it was made of was written after this process `loaded` them (seconds since 1970): a program that
    runs while a newer one is installed would keep what is old under the key of what is new.
    """
    if any(loaded < path.stat().st_mtime <= time.time() for path in made_of):
        return
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
