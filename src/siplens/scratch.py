"""Folders for what is needed only while something is done: parts of captures, unpacked archives, databases put together.

What is in them is as private as a capture. A process that is killed cannot take its folders away: the next one that makes such a
folder does. Each holds a file that its process keeps locked (flock(2)) as long as it lives, however it ends; so a folder
whose file can be locked is nobody's any more. Process numbers would not tell: they are given again.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # no Unix: folders of killed processes stay, as those of any program do
    fcntl = None  # type: ignore[assignment]

_PREFIX = "siplens-"
_LOCK = ".in-use"
_swept: set[str] = set()
"""Where this process has looked for folders of dead ones."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder of this user alone, where the system keeps temporary files; it is gone afterwards."""
    if fcntl is None:
        with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
            yield Path(name)
        return
    if (place := tempfile.gettempdir()) not in _swept:
        _swept.add(place)
        remove_left_over(Path(place))
    # Under its final name only once it is locked: until then nobody takes it for left over.
    unnamed = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}"))
    lock = os.open(unnamed / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    folder = unnamed.with_name(unnamed.name[1:])
    try:
        with suppress(OSError):  # a file system without locks: then nobody takes it away
            fcntl.flock(lock, fcntl.LOCK_EX)
        unnamed.rename(folder)
        yield folder
    finally:
        for path in (folder, unnamed):
            shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def remove_left_over(place: Path) -> None:
    """Removes this user's folders in `place` whose processes are dead; whatever cannot be removed stays."""
    with suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    _remove_if_dead(Path(entry.path))


def _remove_if_dead(folder: Path) -> None:
    if folder.lstat().st_uid != os.getuid():
        return
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)  # not there: none of ours
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
