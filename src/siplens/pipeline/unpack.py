"""Files inside zip archives, each as a file of its own in a temporary folder; a source's path then names archive and member."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from siplens.errors import UnreadableFileError
from siplens.scratch import scratch_folder

_MARK = b"PK\x03\x04"
_MOST_BLOWN_UP = 400
_ALWAYS_ALLOWED = 1 << 30
"""An archive may unfold to this many bytes, and beyond that to so many times its size: captures and logs shrink fifty-fold at most."""
_PIECE = 1 << 20
_DEPTH = 2


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to ingest, and how its source's path is written."""

    path: Path
    """Where its bytes can be read."""
    shown: str
    """Its path as the user knows it; of a member of an archive: archive.zip/member."""
    named: bool
    """True where the user named this very file: then it is an error if nothing can be read in it."""
    error: UnreadableFileError | None = None
    """Set where an archive cannot be opened: then there is nothing else to read here."""


@dataclass(slots=True)
class _Allowance:
    """Bytes that an archive, and those inside it, may still unfold to."""

    left: int


@contextmanager
def unpacked(found: Iterable[tuple[Path, bool]]) -> Iterator[Iterator[FoundFile]]:
    """All files, those of zip archives unpacked; the unpacked ones are removed at the end. Archives in archives too, one level deep."""
    with ExitStack() as opened:
        yield _files(found, opened)


def _files(found: Iterable[tuple[Path, bool]], opened: ExitStack) -> Iterator[FoundFile]:
    folder = None
    for path, named in found:
        if _is_zip(path):
            folder = folder or opened.enter_context(scratch_folder())
            allowance = _Allowance(max(_ALWAYS_ALLOWED, _MOST_BLOWN_UP * path.stat().st_size))
            yield from _members(path, str(path), named, folder, allowance, 1)
        else:
            yield FoundFile(path, str(path), named)


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == _MARK
    except OSError:
        return False


def _members(archive: Path, shown: str, named: bool, folder: Path, allowance: _Allowance, depth: int) -> Iterator[FoundFile]:
    try:
        with zipfile.ZipFile(archive) as opened:
            members = sorted((member for member in opened.infolist() if not member.is_dir()), key=lambda member: member.filename)
            if named and not members:
                raise UnreadableFileError(f"{shown}: the archive is empty; captures or logs were expected in it")
            for member in members:
                target = Path(tempfile.mkdtemp(dir=folder)) / _safe_name(member.filename)
                _unpack(opened, member, target, allowance, shown)
                if depth < _DEPTH and _is_zip(target):
                    yield from _members(target, f"{shown}/{member.filename}", False, folder, allowance, depth + 1)
                else:
                    yield FoundFile(target, f"{shown}/{member.filename}", False)
    except UnreadableFileError as error:
        yield FoundFile(archive, shown, True, error)
    # zipfile says NotImplementedError of a compression that it does not know, RuntimeError of encryption.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        words = "its members are encrypted" if "encrypted" in str(error) else f"cannot be unpacked: {error}"
        yield FoundFile(archive, shown, True, UnreadableFileError(f"{shown}: {words}", hint="unpack it, and give the files"))


def _safe_name(member: str) -> str:
    """A member's own name, whatever folders the archive claims; its file stays in the folder made for it."""
    name = re.split(r"[/\\]", member)[-1]
    return "member" if name in ("", ".", "..") else name[-100:]


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, allowance: _Allowance, shown: str) -> None:
    """Writes one member."""
    with archive.open(member) as packed, target.open("wb") as file:
        while piece := packed.read(_PIECE):
            allowance.left -= len(piece)
            if allowance.left < 0:
                shutil.rmtree(target.parent)
                raise UnreadableFileError(f"{shown}: unfolds to far more than captures and logs do", hint="unpack it, and give the files")
            file.write(piece)
    _keep_time(member, target)


def _keep_time(member: zipfile.ZipInfo, target: Path) -> None:
    """The member's time becomes the file's: logs without years take theirs from it."""
    try:
        changed = time.mktime((*member.date_time, 0, 0, -1))
        os.utime(target, (changed, changed))
    except (ValueError, OverflowError, OSError):
        return
