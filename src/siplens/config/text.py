"""The text of a configuration file as editors and PowerShell write it: UTF-8, or UTF-16 with a byte order mark."""

from __future__ import annotations

import codecs
from pathlib import Path

from siplens.errors import ConfigurationError, UnreadableFileError

MAX_BYTES = 256 << 20
"""A subnet takes some 200 bytes of JSON: a million of them fit. Anything larger is no configuration."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_text(path: Path) -> str:
    """The file's text, without byte order mark. Raises UnreadableFileError or ConfigurationError, one sentence each."""
    data = _read_bytes(path)
    mark, charset = next(((mark, charset) for mark, charset in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(charset)
    except UnicodeDecodeError as error:
        raise _not_text(path, len(mark) + error.start) from error
    if not text.strip():
        raise ConfigurationError(f"{path}: the file is empty", "expected YAML or JSON in the property names of Get-Cs*")
    if "\0" in text:
        raise _not_text(path, len(mark) + len(text[: text.index("\0")].encode(charset)))
    return text


def _read_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise UnreadableFileError(f"{path}: is a folder, expected a configuration file", "name the files in it")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ConfigurationError(f"{path}: {size:,} bytes are too many for a configuration (at most {MAX_BYTES:,})")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path}: cannot be read: {error.strerror or error}") from error


def _not_text(path: Path, offset: int) -> ConfigurationError:
    return ConfigurationError(
        f"{path}: not a text file (byte {offset:,}), expected YAML or JSON",
        "save it as UTF-8, or as UTF-16 with a byte order mark",
    )
