"""Which files the paths of a command line name."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path

from siplens.errors import UnreadableFileError


def find_files(paths: Sequence[str]) -> Iterator[tuple[Path, bool]]:
    """Files named by paths, folders and globs, in order; the flag says whether the user named the file itself.

    A folder gives all files below it; those that are no capture and no log are passed over later, without an error.
    """
    for text in paths:
        path = Path(text)
        if path.is_dir():
            yield from ((found, False) for found in sorted(path.rglob("*")) if found.is_file() and not found.name.startswith("."))
        elif not path.exists() and glob.has_magic(text):
            matches = sorted(glob.glob(text, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
            if not matches:
                raise UnreadableFileError(f"{text}: no file matches")
            yield from ((Path(match), False) for match in matches if Path(match).is_file())
        else:
            yield path, True
