"""Files under way before the database is open: other threads hash and decode while the rest of the program is still being loaded.

Nothing heavy is imported here: hashing begins some milliseconds after the command was typed, and decoding, of the first file, as
soon as what decodes is there, before options are looked at.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from siplens.errors import SiplensError
from siplens.pipeline.in_advance import InAdvance

_HEAD_BYTES = 4096
_ARCHIVE = b"PK\x03\x04"
_TURN_S = 0.0005
_begun: list[tuple[list[str], InAdvance]] = []
"""The files that `begin` began with, until `head_start` takes them."""


def begin(paths: list[str], database: Path) -> None:
    """Begins with the files that `head_start` will be asked for, before what reads options is loaded: hashing, and decoding as without any.

    Nothing is said here, whatever is wrong: it will be found again.
    """
    with suppress(OSError):
        if early := head_start(paths, database):
            # The decoding thread asks for its turn now and then, and the others load modules without a pause.
            sys.setswitchinterval(_TURN_S)
            _begun.append((paths, early))
            with suppress(SiplensError):
                _decode_if_compiled(Path(paths[0]), early)


def _decode_if_compiled(path: Path, early: InAdvance) -> None:
    """Begin to decode a capture, as without options, unless its decoder must be compiled first: that is announced before."""
    import siplens.capture
    from siplens.pipeline.recognise import ReadOptions

    with path.open("rb") as file:
        if siplens.capture.recognise(file.read(_HEAD_BYTES)) and siplens.capture.kernel_is_compiled():
            early.decode_first(ReadOptions(formats=()))


def head_start(paths: list[str], database: Path) -> InAdvance | None:
    """Begins with the files that are to go into a new database; None where there is one: what is known there goes first.

    None for anything but files, too: folders, patterns and archives are looked into first.
    """
    if database.exists():
        return None
    if _begun and _begun[0][0] == paths:
        return _begun.pop()[1]
    files = [Path(path) for path in paths]
    return InAdvance(files) if files and all(_is_plain(path) for path in files) else None


def _is_plain(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_ARCHIVE)) not in (b"", _ARCHIVE)
